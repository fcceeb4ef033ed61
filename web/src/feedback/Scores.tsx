import { useQuery } from "@tanstack/react-query";
import { firstOf } from "../address/address";
import { useAddress } from "../address/useAddress";
import { queryRequests } from "../api/requests";
import type { FilterNode } from "../api/types";
import { Histogram } from "../charts/Histogram";
import { TimeChart } from "../charts/TimeChart";
import { FigureText } from "../components/FigureText";
import { QueryState } from "../components/QueryState";
import { Section } from "../components/Section";
import { Snippet } from "../components/Snippet";
import { allOf, on } from "../filter/node";
import { known, unknown } from "../format/unknown";
import { timesOf, valuesOf } from "../metrics/series";
import { useMetrics } from "../metrics/useMetrics";
import { useClient } from "../session/ClientContext";
import { DataTable, type Column } from "../tables/DataTable";
import { formatShare } from "../tables/figures";
import { TableSkeleton } from "../tables/TableSkeleton";
import { withinTime } from "../tables/within";
import { lengthOf } from "../time/increments";
import type { TimeRange } from "../time/range";
import { distributionOf, formatScore, scoresOf, scoresOfCall, type ScoreSummary } from "./scores";

/** How many of the latest calls a distribution is made of. */
const DISTRIBUTED = 1000;
/** Any number lies between these. */
const ANY_SCORE = { gte: -1e300 };

interface ScoresProps {
  filter: FilterNode;
  time: TimeRange;
  onZoom: (fromMs: number, toMs: number) => void;
}

/** The scores that calls were given, by name; of the chosen one how it is spread and how it went. */
export function Scores({ filter, time, onZoom }: ScoresProps) {
  const [address] = useAddress();
  const query = useMetrics({ filter, time, groupBy: ["scoreName"], measures: ["score_count", "score_average", "score_min", "score_max"], sort: [{ by: "score_count", direction: "desc" }] }, { live: true });
  const scores = scoresOf(query.data?.rows ?? []);
  const chosen = scores.find(({ name }) => name === firstOf(address["score"])) ?? scores[0];
  return (
    <Section title="Scores" lead="What evaluations and people said about calls in numbers or yes and no, by name.">
      {query.error && <QueryState what="The scores" query={query} />}
      {query.isPending && !query.error && <TableSkeleton what="The scores" rows={3} />}
      {query.data && scores.length === 0 && <NoScores />}
      {scores.length > 0 && (
        <div className="grid items-start gap-3 xl:grid-cols-[minmax(20rem,1fr)_2fr]">
          <DataTable<ScoreSummary, Name> caption="Scores by name" columns={COLUMNS} rows={scores} keyOf={({ name }) => name} isStale={query.isPlaceholderData} testId="scores" />
          {chosen && (
            <div className="grid min-w-0 gap-3 md:grid-cols-2">
              <Distribution key={chosen.name} score={chosen} filter={filter} time={time} />
              <ScoreOverTime score={chosen} filter={filter} time={time} onZoom={onZoom} />
            </div>
          )}
        </div>
      )}
    </Section>
  );
}

type Name = "name" | "count" | "average" | "range";

const COLUMNS: readonly Column<ScoreSummary, Name>[] = [
  { name: "name", heading: "Score", cell: (score) => <ScoreName score={score} /> },
  { name: "count", heading: "Calls", isFigure: true, cell: ({ count }) => count.toLocaleString("en-US") },
  { name: "average", heading: "Average", isFigure: true, cell: ({ average }) => <FigureText figure={average === null ? unknown("no call has a value") : known(formatScore(average))} /> },
  { name: "range", heading: "From – to", isFigure: true, from: "sm", cell: ({ min, max }) => (min === null || max === null ? "" : `${formatScore(min)} – ${formatScore(max)}`) },
];

function ScoreName({ score: { name } }: { score: ScoreSummary }) {
  const [address, change] = useAddress();
  return (
    <button
      type="button"
      aria-pressed={firstOf(address["score"]) === name}
      onClick={() => change({ score: name }, { replace: true })}
      className="rounded text-left font-medium text-accent wrap-anywhere hover:underline aria-pressed:underline"
    >
      {name}
    </button>
  );
}

interface ChosenProps {
  score: ScoreSummary;
  filter: FilterNode;
  time: TimeRange;
}

function Distribution({ score, filter, time }: ChosenProps) {
  const client = useClient();
  const query = useQuery({
    queryKey: ["score-values", score.name, filter, time],
    queryFn: ({ signal }) => {
      const having = on({ scores: { [score.name]: ANY_SCORE } });
      return queryRequests(client, { filter: allOf([withinTime(filter, time), having]), limit: DISTRIBUTED, sort: { created_at: "desc" } }, signal);
    },
  });
  const given = (query.data ?? []).flatMap((call) => scoresOfCall(call).filter(({ name }) => name === score.name));
  const values = given.map(({ value }) => value);
  const isBoolean = given.some((one) => one.isBoolean);
  const yes = values.filter((value) => value === 1).length;
  return (
    <Histogram
      title={`How ${score.name} is spread`}
      summary={isBoolean ? `${formatShare(yes / values.length)} yes` : undefined}
      note={values.length === DISTRIBUTED ? `Of the latest ${DISTRIBUTED.toLocaleString("en-US")} calls with it.` : undefined}
      of="calls"
      bins={distributionOf(values)}
      format={(value) => (isBoolean ? (value === 1 ? "yes" : "no") : formatScore(value))}
      colour={4}
      height={176}
      isReading={query.isPending}
      error={query.error}
    />
  );
}

function ScoreOverTime({ score, filter, time, onZoom }: ChosenProps & Pick<ScoresProps, "onZoom">) {
  const having = on({ scores: { [score.name]: ANY_SCORE } });
  const query = useMetrics({ filter: allOf([filter, having]), time, groupBy: ["scoreName"], overTime: true, measures: ["score_average"] }, { live: true });
  const rows = query.data?.rows.filter((row) => row["scoreName"] === score.name) ?? [];
  const times = query.data ? timesOf({ ...query.data, rows }) : [];
  const values = query.data ? valuesOf({ ...query.data, rows }, times, "score_average") : [];
  return (
    <TimeChart
      title={`Average ${score.name} over time`}
      times={times}
      pieceMs={lengthOf(query.data?.increment ?? "day")}
      series={[{ name: score.name, values, colour: 4 }]}
      format={formatScore}
      tick={formatScore}
      isReading={query.isPending}
      error={query.error}
      onZoom={onZoom}
    />
  );
}

function NoScores() {
  return (
    <div className="panel grid max-w-3xl gap-3 px-4 py-4 sm:px-6">
      <p className="text-ink-soft">No call of this range of time has a score. Any evaluation gives one by a call of the API, with the id that each answer of the gateway has in Helicone-Id:</p>
      <Snippet
        label="first score of a call"
        text={[
          `curl ${window.location.origin}/v1/request/$HELICONE_ID/score`,
          '-H "Authorization: Bearer $GATEHOUSE_API_KEY"',
          '-H "Content-Type: application/json"',
          `-d '{"scores":{"accuracy":87,"polite":true}}'`,
        ].join(" \\\n  ")}
      />
    </div>
  );
}
