import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import type { Address } from "../address/address";
import type { ChartColour } from "../charts/colours";
import { sumOf } from "../charts/stack";
import { compactDuration, compactUsd } from "../charts/ticks";
import { TimeChart } from "../charts/TimeChart";
import { formatUsd } from "../format/money";
import { formatDuration } from "../format/numbers";
import type { Measure } from "../metrics/query";
import { timesOf, valuesByGroup, valuesOf } from "../metrics/series";
import type { MetricsAnswer } from "../metrics/useMetrics";
import { lengthOf } from "../time/increments";
import { classSeries, errorSeries } from "./statuses";

interface ChartsProps {
  overTime: { data: MetricsAnswer | undefined; error: Error | null; isPending: boolean };
  statuses: { data: MetricsAnswer | undefined; error: Error | null; isPending: boolean };
  /** Leads to the calls without a known cost. */
  unpriced: Address;
  onZoom: (fromMs: number, toMs: number) => void;
}

interface Line {
  name: string;
  measure: Measure;
  colour: ChartColour;
}

const LATENCIES: readonly Line[] = [
  { name: "p50", measure: "latency_p50", colour: 1 },
  { name: "p75", measure: "latency_p75", colour: 6 },
  { name: "p90", measure: "latency_p90", colour: 2 },
  { name: "p95", measure: "latency_p95", colour: 4 },
  { name: "p99", measure: "latency_p99", colour: 5 },
];
const FIRST_TOKENS: readonly Line[] = [
  { name: "Average", measure: "ttft_average", colour: 1 },
  { name: "p95", measure: "ttft_p95", colour: 4 },
];
const TOKENS: readonly Line[] = [
  { name: "In", measure: "prompt_tokens", colour: 2 },
  { name: "Out", measure: "completion_tokens", colour: 3 },
];

/** Everything the charts draw, in one question. */
export const CHART_MEASURES: Measure[] = [
  ...new Set<Measure>([
    ...["requests", "errors", "cost", "cost_unknown", "users", "threats", "total_tokens", "latency_average", "saved_cost"].map((name) => name as Measure),
    ...[...LATENCIES, ...FIRST_TOKENS, ...TOKENS].map(({ measure }) => measure),
  ]),
];

const NONE: readonly never[] = [];

/** What happened over time, chart by chart. A drag over one of them makes its time that of the page. */
export function Charts({ overTime, statuses, unpriced, onZoom }: ChartsProps) {
  const figures = useMemo(() => overTime.data && columnsOf(overTime.data), [overTime.data]);
  const byStatus = useMemo(() => statuses.data && statusesOf(statuses.data), [statuses.data]);
  const shared = { times: figures?.times ?? NONE, pieceMs: figures?.pieceMs ?? 1, isReading: overTime.isPending, error: overTime.error, onZoom };
  const ofStatus = { times: byStatus?.times ?? NONE, pieceMs: byStatus?.pieceMs ?? 1, isReading: statuses.isPending, error: statuses.error, onZoom };
  const lacking = sumOf(figures?.lacking ?? []) ?? 0;
  return (
    <div className="grid gap-3 lg:grid-cols-2 min-[105rem]:grid-cols-3 min-[145rem]:grid-cols-4">
      <TimeChart {...ofStatus} title="Requests by status" kind="bars" isWhole series={byStatus?.classes ?? NONE} />
      <TimeChart {...ofStatus} title="Errors by status" kind="bars" isWhole series={byStatus?.errors ?? NONE} />
      <TimeChart
        {...shared}
        title="Cost"
        kind="area"
        format={formatUsd}
        tick={compactUsd}
        series={figures?.cost ?? NONE}
        note={lacking > 0 && <Unpriced count={lacking} search={unpriced} />}
      />
      <TimeChart {...shared} title="Latency" format={formatDuration} tick={compactDuration} series={figures?.latency ?? NONE} />
      <TimeChart {...shared} title="Time to first token" format={formatDuration} tick={compactDuration} series={figures?.firstToken ?? NONE} />
      <TimeChart {...shared} title="Tokens" kind="bars" isWhole series={figures?.tokens ?? NONE} />
      <TimeChart {...shared} title="Active users" kind="area" isWhole series={figures?.users ?? NONE} />
      <TimeChart {...shared} title="Threats" kind="bars" isWhole series={figures?.threats ?? NONE} />
    </div>
  );
}

function Unpriced({ count, search }: { count: number; search: Address }) {
  return (
    <>
      <Link to="/requests" search={search} className="text-accent underline">
        {count === 1 ? "1 call" : `${count.toLocaleString("en-US")} calls`}
      </Link>{" "}
      without a known cost {count === 1 ? "is" : "are"} not in it.
    </>
  );
}

function columnsOf(answer: MetricsAnswer) {
  const times = timesOf(answer);
  const values = (measure: Measure) => valuesOf(answer, times, measure);
  const lines = (of: readonly Line[]) => of.map(({ name, measure, colour }) => ({ name, colour, values: values(measure) }));
  const one = (name: string, measure: Measure, colour: ChartColour) => lines([{ name, measure, colour }]);
  return {
    times,
    pieceMs: lengthOf(answer.increment),
    cost: one("Cost", "cost", 3),
    lacking: values("cost_unknown"),
    latency: lines(LATENCIES),
    firstToken: lines(FIRST_TOKENS),
    tokens: lines(TOKENS),
    users: one("Users", "users", 5),
    threats: one("Threats", "threats", "bad"),
  };
}

function statusesOf(answer: MetricsAnswer) {
  const times = timesOf(answer);
  const groups = valuesByGroup(answer, times, "requests", "status");
  return { times, pieceMs: lengthOf(answer.increment), classes: classSeries(groups, times.length), errors: errorSeries(groups, times.length) };
}
