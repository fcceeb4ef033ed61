/** Figures of a group as cells of a table: each has either a text or a reason. */
import { formatUsd } from "../format/money";
import { count, duration } from "../format/numbers";
import { known, unknown, type Figure } from "../format/unknown";
import { figureOf, type Measure, type MetricsRow } from "../metrics/query";

/** The cost of a group, `≥` where some of its calls have none that is known. */
export function costCell(row: MetricsRow): Figure {
  return sumOfCosts(figureOf(row, "cost"), figureOf(row, "cost_unknown") ?? 0, figureOf(row, "requests") ?? Infinity);
}

/** A sum of costs that `lacking` of so many calls have no part in; all of them are none. */
export function sumOfCosts(usd: number | null, lacking: number, calls: number): Figure {
  if (usd === null || (calls > 0 && lacking >= calls)) return unknown("no call's cost is known");
  return known(`${lacking > 0 ? "≥ " : ""}${formatUsd(usd)}`);
}

export function tokensCell(row: MetricsRow): Figure {
  return count(figureOf(row, "total_tokens"), "no call reported its tokens");
}

export function latencyCell(row: MetricsRow): Figure {
  return duration(figureOf(row, "latency_average"), "no call's duration is known");
}

/** The number of calls of a kind. */
export function countCell(row: MetricsRow, measure: Measure): Figure {
  return count(figureOf(row, measure), "it is not known");
}

/** A share of calls in per cent; unknown of no calls. */
export function shareCell(part: number | null, whole: number | null): Figure {
  if (part === null || whole === null || whole === 0) return unknown("there were no calls");
  return known(formatShare(part / whole));
}

/** Writes a share: `12.5 %`. */
export function formatShare(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}

/** An instant of a group as ISO text; null when it has none. */
export function instantOf(row: MetricsRow, measure: "first" | "last"): string | null {
  const value = row[measure];
  return typeof value === "string" ? value : null;
}
