import { Link } from "@tanstack/react-router";
import { BarList } from "../charts/BarList";
import { TimeChart } from "../charts/TimeChart";
import { compactUsd } from "../charts/ticks";
import { FigureText } from "../components/FigureText";
import { Instant } from "../components/Instant";
import { QueryState } from "../components/QueryState";
import { Section } from "../components/Section";
import { searchWithin } from "../filter/links";
import { on } from "../filter/node";
import { formatUsd } from "../format/money";
import { duration } from "../format/numbers";
import { known, unknown } from "../format/unknown";
import { figureOf, groupOf, type MetricsRow } from "../metrics/query";
import { timesOf, valuesByGroup, valuesOf } from "../metrics/series";
import { useMetrics } from "../metrics/useMetrics";
import { DataTable, type Column } from "../tables/DataTable";
import { instantOf } from "../tables/figures";
import { lengthOf } from "../time/increments";
import type { TimeRange } from "../time/range";
import { HIT } from "./hit";

const MODELS = 8;
const MOST_HIT = 10;

interface CacheChartsProps {
  time: TimeRange;
  onZoom: (fromMs: number, toMs: number) => void;
}

/** What the cache did over time, and for which models. */
export function CacheCharts({ time, onZoom }: CacheChartsProps) {
  return (
    <div className="grid gap-3 lg:grid-cols-2">
      <HitsOverTime time={time} onZoom={onZoom} />
      <SavedOverTime time={time} onZoom={onZoom} />
      <Models time={time} />
      <SavedByModel time={time} />
    </div>
  );
}

function HitsOverTime({ time, onZoom }: CacheChartsProps) {
  const query = useMetrics({ time, groupBy: ["cacheStatus"], overTime: true, measures: ["requests"] }, { live: true });
  const times = query.data ? timesOf(query.data) : [];
  const series = query.data ? valuesByGroup(query.data, times, "requests", "cacheStatus") : [];
  const none = times.map(() => 0);
  const valuesFor = (status: string) => series.find(({ name }) => name === status)?.values ?? none;
  return (
    <TimeChart
      title="Hits and misses"
      kind="bars"
      times={times}
      pieceMs={lengthOf(query.data?.increment ?? "day")}
      series={[
        { name: "hits", values: valuesFor("hit"), colour: "good" },
        { name: "misses", values: valuesFor("miss"), colour: "idle" },
      ]}
      isWhole
      isReading={query.isPending}
      error={query.error}
      onZoom={onZoom}
    />
  );
}

function SavedOverTime({ time, onZoom }: CacheChartsProps) {
  const query = useMetrics({ filter: HIT, time, overTime: true, measures: ["saved_cost"] }, { live: true });
  const times = query.data ? timesOf(query.data) : [];
  return (
    <TimeChart
      title="Cost saved"
      kind="area"
      times={times}
      pieceMs={lengthOf(query.data?.increment ?? "day")}
      series={[{ name: "saved", values: query.data ? valuesOf(query.data, times, "saved_cost") : [], colour: 3 }]}
      format={formatUsd}
      tick={compactUsd}
      isReading={query.isPending}
      error={query.error}
      onZoom={onZoom}
    />
  );
}

function Models({ time }: Omit<CacheChartsProps, "onZoom">) {
  const query = useMetrics({ filter: HIT, time, groupBy: ["model"], measures: ["requests"], sort: [{ by: "requests", direction: "desc" }], limit: MODELS }, { live: true });
  const rows = (query.data?.rows ?? []).map((row) => {
    const model = groupOf(row, "model");
    const hits = figureOf(row, "requests");
    return { key: model, label: model || "no model", value: hits, text: hits?.toLocaleString("en-US") ?? "—", search: searchWithin(HIT, on({ model: { equals: model } }), time) };
  });
  return <BarList title="Hits by model" measure="Hits" rows={rows} colour="good" isReading={query.isPending} error={query.error} />;
}

function SavedByModel({ time }: Omit<CacheChartsProps, "onZoom">) {
  const query = useMetrics({ filter: HIT, time, groupBy: ["model"], measures: ["saved_cost", "saved_latency"], sort: [{ by: "saved_cost", direction: "desc" }], limit: MODELS }, { live: true });
  const rows = (query.data?.rows ?? []).map((row) => {
    const model = groupOf(row, "model");
    const saved = figureOf(row, "saved_cost");
    const faster = duration(figureOf(row, "saved_latency"), "it is not known");
    return {
      key: model,
      label: model || "no model",
      value: saved,
      text: saved === null ? "not known" : formatUsd(saved),
      ...(faster.known && { hint: `${faster.text} saved` }),
      search: searchWithin(HIT, on({ model: { equals: model } }), time),
    };
  });
  return <BarList title="Cost saved by model" measure="Cost saved" rows={rows} colour={3} isReading={query.isPending} error={query.error} />;
}

type Name = "original" | "hits" | "last" | "saved" | "faster";

const COLUMNS: readonly Column<MetricsRow, Name>[] = [
  { name: "original", heading: "Original call", cell: (row) => <Original id={groupOf(row, "cacheReference")} /> },
  { name: "hits", heading: "Hits", isFigure: true, cell: (row) => figureOf(row, "requests")?.toLocaleString("en-US") },
  { name: "last", heading: "Last used", from: "sm", cell: (row) => <LastUsed row={row} /> },
  { name: "faster", heading: "Time saved", isFigure: true, from: "md", cell: (row) => <FigureText figure={duration(figureOf(row, "saved_latency"), "it is not known")} /> },
  { name: "saved", heading: "Cost saved", isFigure: true, cell: (row) => <FigureText figure={savedOf(row)} /> },
];

/** The calls whose answers were given again most often. */
export function MostHit({ time }: Omit<CacheChartsProps, "onZoom">) {
  const query = useMetrics({
    filter: HIT,
    time,
    groupBy: ["cacheReference"],
    measures: ["requests", "last", "saved_cost", "saved_latency"],
    sort: [{ by: "requests", direction: "desc" }],
    limit: MOST_HIT,
  }, { live: true });
  const rows = query.data?.rows ?? [];
  if (query.data && rows.length === 0) return null;
  return (
    <Section title="Most hit" lead="The calls whose answers were given again most often in this range of time.">
      <QueryState what="The calls" query={query} />
      {rows.length > 0 && <DataTable<MetricsRow, Name> caption="Calls whose answers were given again most often" columns={COLUMNS} rows={rows} keyOf={(row) => groupOf(row, "cacheReference")} isStale={query.isPlaceholderData} testId="most-hit" />}
    </Section>
  );
}

function Original({ id }: { id: string }) {
  return (
    <Link to="/requests/$requestId" params={{ requestId: id }} className="font-mono text-accent wrap-anywhere hover:underline" title={id}>
      {id.slice(0, 8)}
    </Link>
  );
}

function LastUsed({ row }: { row: MetricsRow }) {
  const iso = instantOf(row, "last");
  return iso === null ? null : <Instant iso={iso} />;
}

function savedOf(row: MetricsRow) {
  const saved = figureOf(row, "saved_cost");
  return saved === null ? unknown("the original's cost is not known") : known(formatUsd(saved));
}
