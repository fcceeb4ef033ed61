import type { FilterNode, Repricing } from "../api/types";
import { allOf, anyOf, on } from "../filter/node";
import { formatUsd } from "../format/money";
import { formatDuration } from "../format/numbers";
import { withinTime } from "../tables/within";
import type { TimeRange } from "../time/range";

/** Which calls are priced anew, as it was chosen. */
export interface RepriceDraft {
  time: TimeRange;
  provider: string;
  model: string;
  only: "all" | "without_price";
}

export const FIRST_REPRICE: RepriceDraft = { time: { range: "all" }, provider: "", model: "", only: "all" };

/** Returns the filter that a choice means. */
export function repriceFilter({ time, provider, model, only }: RepriceDraft, nowMs: number): FilterNode {
  const named = ([["model", model], ["provider", provider]] as const).filter(([, part]) => part.trim() !== "").map(([column, part]) => on({ [column]: { contains: part.trim() } }));
  const lacks = anyOf([on({ cost_status: { equals: "no_price" } }), on({ cost_status: { equals: "partial_price" } })]);
  return allOf([withinTime(allOf(named), time, nowMs), ...(only === "without_price" ? [lacks] : [])]);
}

type Told = Pick<Repricing, "state" | "dry_run" | "total" | "scanned" | "changed" | "kept" | "eta_seconds" | "cost_before_usd" | "cost_after_usd">;

/** Says how far a re-pricing is, or how it ended. */
export function describeStanding({ state, dry_run: isDry }: Pick<Told, "state" | "dry_run">): string {
  const name = isDry ? "Trial" : "Re-pricing";
  return { running: `${name} at work`, done: `${name} done`, cancelled: `${name} cancelled`, failed: `${name} failed` }[state];
}

/** Says how far a re-pricing came: "4 of 10 calls, 2 changed, about 3.00 s left". */
export function describeProgress({ state, dry_run: isDry, total, scanned, changed, eta_seconds: eta }: Told): string {
  const parts = [`${grouped(scanned)} of ${grouped(total)} ${total === 1 ? "call" : "calls"} looked at`, `${grouped(changed)} ${isDry ? "would change" : "changed"}`];
  if (state === "running" && typeof eta === "number") parts.push(`about ${formatDuration(eta * 1000)} left`);
  return parts.join(", ");
}

/** Says what becomes of the known cost. */
export function describeEffect({ cost_before_usd: before, cost_after_usd: after, dry_run: isDry }: Told): string {
  const [from, to] = [formatUsd(before), formatUsd(after)];
  if (before === after) return `The known cost of these calls ${isDry ? "would stay" : "stays"} ${from}.`;
  return isDry ? `The known cost of these calls would go from ${from} to ${to}.` : `The known cost of these calls went from ${from} to ${to}.`;
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}
