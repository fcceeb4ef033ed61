import type { RequestPart } from "../api/types";
import { explainCost, known, unknown, type Figure } from "./unknown";

type Costed = RequestPart<"cost" | "costUSD" | "cost_nano_usd" | "cost_status">;

/** The statuses of costs that are known, 0 included; `declared` is the provider's own figure. */
const COST_IS_KNOWN = new Set(["priced", "cached", "declared"]);
const CENTS = new Intl.NumberFormat("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const NANO = 1_000_000_000;
const SMALLEST_USD = 1 / NANO;

/** Returns the cost of a request. A zero without a price or the cache behind it is a missing cost, not a free call. */
export function costOf(request: Costed): Figure {
  const usd = usdOf(request);
  return usd === null ? unknown(explainCost(request.cost_status)) : known(formatUsd(usd));
}

/** Returns the cost of a request in US dollars; null when it is not known. */
export function usdOf(request: Costed): number | null {
  const isPriced = !request.cost_status || COST_IS_KNOWN.has(request.cost_status);
  const usd = typeof request.cost_nano_usd === "number" ? request.cost_nano_usd / NANO : (request.cost ?? request.costUSD ?? null);
  return usd === 0 && !isPriced ? null : usd;
}

/** Formats US dollars: cents from a dollar on, otherwise three significant digits and at most nine decimals. */
export function formatUsd(usd: number): string {
  if (usd === 0) return "$0";
  const sign = usd < 0 ? "-" : "";
  const size = Math.abs(usd);
  if (size < SMALLEST_USD) return `${sign}<$${SMALLEST_USD.toFixed(9)}`;
  if (size >= 1) return `${sign}$${CENTS.format(size)}`;
  const decimals = Math.min(9, 2 - Math.floor(Math.log10(size)));
  return `${sign}$${size.toFixed(decimals).replace(/(\.\d\d\d*?)0+$/, "$1")}`;
}
