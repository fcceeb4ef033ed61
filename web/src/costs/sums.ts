import type { CostGroup, CostSum } from "../api/types";
import { formatUsd } from "../format/money";
import { explainCost, known, unknown, type Figure } from "../format/unknown";

type Cost = Pick<CostSum, "calls" | "cost_usd" | "calls_without_cost">;

/** Returns what calls cost as far as it is known; unknown where it is known of none of them. */
export function knownCost(sum: Cost): Figure {
  if (sum.calls > 0 && sum.calls_without_cost >= sum.calls) return unknown("it is not known of any of these calls");
  return known(formatUsd(sum.cost_usd));
}

/** Returns the plain tokens in and out; unknown where nobody counted any. */
export function knownTokens({ total_tokens: total, prompt_tokens: into, completion_tokens: out, without_cost: reasons, calls }: Omit<CostSum, "cost_usd" | "calls_without_cost">): Figure {
  if (total === 0 && UNCOUNTED.reduce((sum, status) => sum + (reasons[status] ?? 0), 0) >= calls) return unknown("nothing was counted of these calls");
  return known(`${into.toLocaleString("en-US")} / ${out.toLocaleString("en-US")}`);
}

const UNCOUNTED = ["no_usage", "error_status"] as const;

export interface Reason {
  status: string;
  /** Why these calls have no cost. */
  text: string;
  calls: number;
}

/** Lists why calls have no cost, the most frequent reason first. */
export function reasonsOf(withoutCost: Readonly<Record<string, number>>): Reason[] {
  const reasons = Object.entries(withoutCost).map(([status, calls]) => ({ status, text: explainCost(status), calls }));
  return reasons.sort((left, right) => right.calls - left.calls);
}

const PRICE_IS_MISSING = ["no_price", "partial_price"] as const;

/** Counts the calls that a price would give a cost. */
export function lacksPrice({ without_cost: reasons }: Pick<CostSum, "without_cost">): number {
  return PRICE_IS_MISSING.reduce((sum, status) => sum + (reasons[status] ?? 0), 0);
}

/** Returns the groups that lack a price, those with the most calls first. */
export function withoutPrice<Group extends Pick<CostSum, "without_cost">>(groups: readonly Group[]): Group[] {
  return groups.filter((group) => lacksPrice(group) > 0).sort((left, right) => lacksPrice(right) - lacksPrice(left));
}

/** Returns the groups, the dearest first, and of equal ones those with the most calls. */
export function dearestFirst<Group extends Cost>(groups: readonly Group[]): Group[] {
  return [...groups].sort((left, right) => right.cost_usd - left.cost_usd || right.calls - left.calls);
}

/** One bar of the chart: a day, or a month where there are many days. */
export interface Bar {
  /** `2026-11-22`, or `2026-11`. */
  name: string;
  cost: number;
  calls: number;
  withoutCost: number;
}

const MOST_DAYS = 92;
const DAY_MS = 86_400_000;

/** Returns a bar for each day from the first to the last, those without calls included; of many days, their months. */
export function barsOf(groups: readonly Pick<CostGroup, "day" | "cost_usd" | "calls" | "calls_without_cost">[]): Bar[] {
  const days = groups.filter((group) => group.day !== null);
  const first = Date.parse(days[0]?.day ?? "");
  const last = Date.parse(days.at(-1)?.day ?? "");
  if (Number.isNaN(first) || Number.isNaN(last)) return [];
  const length = (last - first) / DAY_MS + 1;
  const nameOf = (day: string) => (length > MOST_DAYS ? day.slice(0, "2026-11".length) : day);
  const bars = new Map<string, Bar>();
  const barOf = (day: string) => {
    const name = nameOf(day);
    const bar = bars.get(name) ?? { name, cost: 0, calls: 0, withoutCost: 0 };
    bars.set(name, bar);
    return bar;
  };
  for (let at = first; at <= last; at += DAY_MS) barOf(new Date(at).toISOString().slice(0, "2026-11-22".length));
  for (const group of days) {
    const bar = barOf(group.day ?? "");
    bar.cost += group.cost_usd;
    bar.calls += group.calls;
    bar.withoutCost += group.calls_without_cost;
  }
  return [...bars.values()];
}
