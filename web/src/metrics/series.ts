/** Figures over time: rows of the API in columns for a chart. */
import { lengthOf, pieceOf, piecesBetween, type Increment } from "../time/increments";
import type { Measure, MetricsRow, NamedGroup, TimedMetrics } from "./query";

type Answer = TimedMetrics & { increment: Increment };

/** Measures of which a piece of time without calls has none, rather than an unknown amount. */
const COUNTS = new Set<Measure>([
  "requests",
  "errors",
  "rate_limited",
  "cached",
  "threats",
  "cost",
  "cost_unknown",
  "prompt_tokens",
  "completion_tokens",
  "total_tokens",
  "cache_read_tokens",
  "cache_write_tokens",
  "reasoning_tokens",
  "tokens_unknown",
  "users",
  "sessions",
  "models",
  "saved_cost",
  "saved_latency",
  "score_sum",
  "score_count",
]);

/** Returns the beginnings of all pieces of time, those without calls too. */
export function timesOf({ rows, interval, increment }: Answer): number[] {
  const known = rows.map((row) => timeOf(row, increment)).filter((time) => !Number.isNaN(time));
  if (interval.startMs === null && known.length === 0) return [];
  const start = interval.startMs ?? Math.min(...known);
  return piecesBetween(start, interval.endMs, increment);
}

/** Returns one measure for each of `times`: 0 where nothing was to count, null where it is not known. */
export function valuesOf(answer: Answer, times: readonly number[], measure: Measure): (number | null)[] {
  const byTime = new Map(answer.rows.map((row) => [timeOf(row, answer.increment), row]));
  return times.map((time) => valueOf(byTime.get(time), measure));
}

/** Returns one measure for each of `times` and each value of a second group, the largest group first. */
export function valuesByGroup(answer: Answer, times: readonly number[], measure: Measure, group: NamedGroup | "property"): { name: string; values: (number | null)[]; sum: number }[] {
  const groups = new Map<string, Map<number, MetricsRow>>();
  for (const row of answer.rows) {
    const name = String(row[group] ?? "");
    const byTime = groups.get(name) ?? new Map<number, MetricsRow>();
    groups.set(name, byTime.set(timeOf(row, answer.increment), row));
  }
  const series = [...groups].map(([name, byTime]) => {
    const values = times.map((time) => valueOf(byTime.get(time), measure));
    return { name, values, sum: values.reduce<number>((sum, value) => sum + (value ?? 0), 0) };
  });
  return series.toSorted((one, other) => other.sum - one.sum);
}

function valueOf(row: MetricsRow | undefined, measure: Measure): number | null {
  if (row === undefined) return COUNTS.has(measure) ? 0 : null;
  const value = row[measure];
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** The server cuts by one offset from UTC, the browser by the clock: the middle of a piece is in the same one for both. */
function timeOf(row: MetricsRow, increment: Increment): number {
  const ms = Date.parse(String(row["time"]));
  return Number.isNaN(ms) ? ms : pieceOf(ms + lengthOf(increment) / 2, increment);
}
