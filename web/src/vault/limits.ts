import type { WantedLimit } from "../api/vault";
import type { ProxyKey } from "../api/types";
import { formatUsd } from "../format/money";
import { describeWindow } from "../limits/policy";

/** What stands in the fields of one limit, as it was typed. */
export interface LimitDraft {
  amount: string;
  of: "dollars" | "calls" | "tokens";
  window: string;
  span: "minutes" | "hours" | "days";
}

export const FIRST_LIMIT: LimitDraft = { amount: "10", of: "dollars", window: "1", span: "days" };
/** How many limits a proxy key may have. */
export const MAX_LIMITS = 10;

const SECONDS: Record<LimitDraft["span"], number> = { minutes: 60, hours: 3600, days: 86_400 };
const YEAR_SECONDS = 365 * 86_400;
/** Dollars with up to nine decimals, as the API reads them. */
const DOLLARS = /^\d{1,9}(\.\d{1,9})?$/;

/** Returns the limit that the fields mean, or null when they mean none. */
export function limitOf({ amount, of, window, span }: LimitDraft): WantedLimit | null {
  const window_seconds = window.trim() === "" ? 0 : Number(window) * SECONDS[span];
  if (!Number.isInteger(window_seconds) || window_seconds < 1 || window_seconds > YEAR_SECONDS) return null;
  const text = amount.trim();
  if (of === "dollars") return DOLLARS.test(text) && Number(text) > 0 ? { window_seconds, cost: text } : null;
  const count = Number(text);
  if (text === "" || !Number.isInteger(count) || count < 1) return null;
  return of === "calls" ? { window_seconds, requests: count } : { window_seconds, tokens: count };
}

type Limit = ProxyKey["limits"][number];

/** Says in words what a limit allows: "$12.50 a day". */
export function describeLimit({ window_seconds, cost, requests, tokens }: Limit): string {
  return `${describeAmount({ cost, requests, tokens })} ${describeWindow(window_seconds)}`;
}

function describeAmount({ cost, requests, tokens }: Pick<Limit, "cost" | "requests" | "tokens">): string {
  if (cost !== null) return formatUsd(Number(cost));
  const [count, noun] = requests === null ? [tokens ?? 0, "token"] : [requests, "call"];
  return `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
}
