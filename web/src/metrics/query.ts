/** What is asked of `POST /v1/metrics/query`, and what it answers. */
import type { FilterNode } from "../api/types";
import type { Increment } from "../time/increments";
import type { Interval } from "../time/range";

export type Measure =
  | "requests"
  | "errors"
  | "rate_limited"
  | "cached"
  | "threats"
  | "cost"
  | "cost_unknown"
  | "average_cost"
  | `latency_${"average" | Quantile}`
  | `ttft_${"average" | Quantile}`
  | "prompt_tokens"
  | "completion_tokens"
  | "total_tokens"
  | "cache_read_tokens"
  | "cache_write_tokens"
  | "reasoning_tokens"
  | "tokens_unknown"
  | "users"
  | "sessions"
  | "models"
  | "first"
  | "last"
  | "active_days"
  | "requests_per_active_day"
  | "tokens_per_request"
  | "saved_cost"
  | "saved_latency"
  | `score_${"sum" | "average" | "min" | "max" | "count"}`;
export type Quantile = "p50" | "p75" | "p90" | "p95" | "p99";

/** A dimension by name; its value stands under the same name in each row. */
export type NamedGroup =
  | "model"
  | "provider"
  | "country"
  | "user"
  | "status"
  | "target"
  | "path"
  | "key"
  | "prompt"
  | "cacheStatus"
  | "cacheReference"
  | "rateLimitStatus"
  | "rateLimitPolicy"
  | "propertyName"
  | "scoreName";
/** The values of a property stand under `property`, pieces of time under `time`. */
export type GroupBy = NamedGroup | { property: string } | { time: Increment };

export interface MetricsQuery {
  filter: FilterNode;
  timeFilter?: { start: string; end: string };
  groupBy: GroupBy[];
  timeZoneDifference?: number;
  measures: Measure[];
  having?: Partial<Record<Measure, Partial<Record<"gte" | "lte" | "gt" | "lt" | "equals", number>>>>;
  sort?: { by: Measure | NamedGroup | "property" | "time"; direction: "asc" | "desc" }[];
  offset?: number;
  limit?: number;
}

/** A row by the names of what was asked for. Unknown is null. */
export type MetricsRow = { [name: string]: string | number | null };

export interface Metrics {
  rows: MetricsRow[];
  /** How many groups there are, beyond offset and limit. */
  total: number;
}

/** What is known after a query: its figures, and which interval they are of. */
export interface TimedMetrics extends Metrics {
  interval: Interval;
}

/** The beginning of time where a range has none: no provider was called before. */
const EARLIEST = "2015-01-01T00:00:00.000Z";

/** Returns an interval as the API wants it. */
export function timeFilterOf({ startMs, endMs }: Interval): { start: string; end: string } {
  return { start: startMs === null ? EARLIEST : new Date(startMs).toISOString(), end: new Date(endMs).toISOString() };
}

/** Returns a figure of a row; unknown is null. */
export function figureOf(row: MetricsRow | undefined, measure: Measure): number | null {
  const value = row?.[measure];
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** Returns a group's value of a row as text. */
export function groupOf(row: MetricsRow, name: NamedGroup | "property"): string {
  const value = row[name];
  return value === null || value === undefined ? "" : String(value);
}
