import { BarList } from "../charts/BarList";
import { TimeChart } from "../charts/TimeChart";
import { compactUsd } from "../charts/ticks";
import { searchWithin } from "../filter/links";
import { on } from "../filter/node";
import type { FilterNode } from "../api/types";
import { formatUsd } from "../format/money";
import { duration } from "../format/numbers";
import { figureOf, groupOf } from "../metrics/query";
import { timesOf, valuesOf } from "../metrics/series";
import { useMetrics } from "../metrics/useMetrics";
import { costCell, countCell, shareCell, tokensCell } from "../tables/figures";
import { Tiles } from "../tables/Tiles";
import { lengthOf } from "../time/increments";
import type { TimeRange } from "../time/range";

const LISTED = 8;

interface UserFiguresProps {
  filter: FilterNode;
  time: TimeRange;
  onZoom: (fromMs: number, toMs: number) => void;
}

/** What the calls of a user come to: in all, over time, by model and by property. */
export function UserFigures({ filter, time, onZoom }: UserFiguresProps) {
  const total = useMetrics({ filter, time, measures: ["requests", "errors", "rate_limited", "cost", "cost_unknown", "total_tokens", "latency_average", "sessions", "active_days"] }, { live: true });
  const row = total.data?.rows[0] ?? {};
  const tiles = [
    { name: "Calls", figure: countCell(row, "requests"), note: daysOf(figureOf(row, "active_days")) },
    { name: "Cost", figure: costCell(row) },
    { name: "Tokens", figure: tokensCell(row) },
    { name: "Average latency", figure: duration(figureOf(row, "latency_average"), "there were no calls") },
    { name: "Errors", figure: shareCell(figureOf(row, "errors"), figureOf(row, "requests")), note: callsOf(figureOf(row, "errors")) },
    { name: "Refused by limits", figure: countCell(row, "rate_limited") },
    { name: "Sessions", figure: countCell(row, "sessions") },
  ];
  return (
    <div className="flex flex-col gap-3">
      <Tiles tiles={tiles} isReading={total.isPending} error={total.data === undefined ? total.error : null} testId="user-figures" />
      <div className="grid gap-3 lg:grid-cols-2">
        <CallsOverTime filter={filter} time={time} onZoom={onZoom} />
        <CostOverTime filter={filter} time={time} onZoom={onZoom} />
        <Models filter={filter} time={time} />
        <Properties filter={filter} time={time} />
      </div>
    </div>
  );
}

function CallsOverTime({ filter, time, onZoom }: UserFiguresProps) {
  const query = useMetrics({ filter, time, overTime: true, measures: ["requests", "errors"] }, { live: true });
  const times = query.data ? timesOf(query.data) : [];
  const requests = query.data ? valuesOf(query.data, times, "requests") : [];
  const errors = query.data ? valuesOf(query.data, times, "errors") : [];
  const well = requests.map((value, index) => (value === null ? null : value - (errors[index] ?? 0)));
  return (
    <TimeChart
      title="Calls"
      kind="bars"
      times={times}
      pieceMs={lengthOf(query.data?.increment ?? "day")}
      series={[
        { name: "ended well", values: well, colour: "good" },
        { name: "errors", values: errors, colour: "bad" },
      ]}
      isWhole
      isReading={query.isPending}
      error={query.error}
      onZoom={onZoom}
    />
  );
}

function CostOverTime({ filter, time, onZoom }: UserFiguresProps) {
  const query = useMetrics({ filter, time, overTime: true, measures: ["cost"] }, { live: true });
  const times = query.data ? timesOf(query.data) : [];
  return (
    <TimeChart
      title="Cost"
      kind="area"
      times={times}
      pieceMs={lengthOf(query.data?.increment ?? "day")}
      series={[{ name: "cost", values: query.data ? valuesOf(query.data, times, "cost") : [], colour: 3 }]}
      format={formatUsd}
      tick={compactUsd}
      isReading={query.isPending}
      error={query.error}
      onZoom={onZoom}
    />
  );
}

function Models({ filter, time }: Omit<UserFiguresProps, "onZoom">) {
  const query = useMetrics({ filter, time, groupBy: ["model"], measures: ["requests", "cost"], sort: [{ by: "requests", direction: "desc" }], limit: LISTED }, { live: true });
  const rows = (query.data?.rows ?? []).map((row) => {
    const model = groupOf(row, "model");
    const cost = figureOf(row, "cost");
    const requests = figureOf(row, "requests");
    return {
      key: model,
      label: model || "no model",
      value: requests,
      text: `${requests?.toLocaleString("en-US") ?? "—"}${cost === null ? "" : ` · ${formatUsd(cost)}`}`,
      search: searchWithin(filter, on({ model: { equals: model } }), time),
    };
  });
  return <BarList title="Models" measure="Calls and cost" rows={rows} isReading={query.isPending} error={query.error} />;
}

function Properties({ filter, time }: Omit<UserFiguresProps, "onZoom">) {
  const query = useMetrics({ filter, time, groupBy: ["propertyName"], measures: ["requests"], sort: [{ by: "requests", direction: "desc" }], limit: 2 * LISTED }, { live: true });
  const own = (query.data?.rows ?? []).filter((row) => !groupOf(row, "propertyName").toLowerCase().startsWith("helicone-"));
  const rows = own.slice(0, LISTED).map((row) => {
    const name = groupOf(row, "propertyName");
    const requests = figureOf(row, "requests");
    return { key: name, label: name, value: requests, text: requests?.toLocaleString("en-US") ?? "—", to: "/properties", search: { key: name, filter: JSON.stringify(filter) } };
  });
  return <BarList title="Properties of the calls" measure="Calls" rows={rows} colour={5} isReading={query.isPending} error={query.error} />;
}

function callsOf(count: number | null): string | null {
  if (count === null) return null;
  return count === 1 ? "1 call" : `${count.toLocaleString("en-US")} calls`;
}

function daysOf(days: number | null): string | null {
  if (days === null || days === 0) return null;
  return days === 1 ? "on one day" : `on ${days.toLocaleString("en-US")} days`;
}
