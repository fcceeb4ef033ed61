import type { CostDerivation } from "../api/types";
import { unitOf } from "../costs/units";
import { formatUsd } from "../format/money";

/** How a cost comes about, as the API tells it. */
export interface Breakdown {
  status: string;
  row: MatchedRow | null;
  lines: { unit: string; priced_as: string; count: number; price: string; per: string; amount_pico_usd: string }[];
  /** Units that were used and have no known price. */
  missing: string[];
  exact_usd: string | null;
  rounding_pico_usd: string | null;
}

export interface MatchedRow {
  source: string;
  matched: string;
  model: string;
  tier: string | null;
  above_input_tokens: number | null;
  region: string | null;
  off_peak: string | null;
  variant: string | null;
  from: string | null;
  until: string | null;
}

export function breakdownOf({ breakdown }: CostDerivation): Breakdown | null {
  return (breakdown ?? null) as Breakdown | null;
}

const PICO_PLACES = 12;

/** Writes a decimal of 10⁻¹² dollars in dollars, exactly: no digit is rounded away. */
export function dollarsOfPicos(picos: string): string {
  const [, sign = "", whole = "0", fraction = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(picos) ?? [];
  const digits = whole.padStart(PICO_PLACES + 1, "0");
  const cut = digits.length - PICO_PLACES;
  const decimals = `${digits.slice(cut)}${fraction}`.replace(/0+$/, "");
  return `${sign}$${digits.slice(0, cut)}${decimals && `.${decimals}`}`;
}

/** Milliseconds are counted, and seconds are paid for. */
const MS_PER_SECOND = 1000;

/** Says one part of a cost: "1,000 × $0.15 per million tokens". */
export function describeLine({ count, price, per, unit, priced_as: pricedAs }: Breakdown["lines"][number]): string {
  const amount = per === "second" ? `${(count / MS_PER_SECOND).toLocaleString("en-US")} s` : count.toLocaleString("en-US");
  const as = unit === pricedAs ? "" : `, at the price of ${unitOf(pricedAs).text.toLowerCase()}`;
  return `${amount} × $${price} per ${per}${as}`;
}

const SOURCES: Record<string, string> = { override: "a price of your own", file: "the server's price file", book: "the built-in price book" };
const MATCHES: Record<string, string> = { exact: "by its name", alias: "by another name", normalised: "without path, region, version or date", prefix: "by the beginning of its name" };

/** Says where a price stands. */
export function describeSource({ source }: MatchedRow): string {
  return SOURCES[source] ?? source;
}

/** Says how the model was found. */
export function describeMatch({ model, matched }: MatchedRow): string {
  return `${model}, ${MATCHES[matched] ?? matched}`;
}

/** Says when and under which conditions a price holds. */
export function describeValidity({ from, until }: MatchedRow): string {
  if (from === null && until === null) return "always";
  return [from && `from ${from}`, until && `until ${until}`].filter(Boolean).join(" ");
}

export function describeRowConditions({ tier, above_input_tokens: above, region, off_peak: offPeak, variant }: MatchedRow): string {
  const parts = [tier && `tier ${tier}`, above !== null && `above ${above.toLocaleString("en-US")} input tokens`, region && `region ${region}`, offPeak && `${offPeak} UTC`, variant && `variant ${variant}`];
  return parts.filter(Boolean).join(", ");
}

/** Says that today's prices come to something else than what is stored; null when they do not. */
export function describeStale({ is_current: isCurrent, cost_usd: stored }: CostDerivation, { exact_usd: exact }: Breakdown): string | null {
  if (isCurrent) return null;
  const today = exact === null ? "no cost" : formatUsd(Number(exact));
  return `Stored is ${stored === null ? "no cost" : formatUsd(stored)}; today's prices come to ${today}. Re-price the call on the page Costs to take them.`;
}
