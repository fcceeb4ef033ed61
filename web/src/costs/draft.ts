import type { PriceOverride, SetPrice } from "../api/types";
import { UNIT_NAMES } from "./units";

/** What stands in the fields of a price, as it was typed; empty is "not said". */
export interface PriceDraft {
  provider: string;
  /** Separated by commas or lines. */
  models: string;
  tier: string;
  above: string;
  region: string;
  offPeak: string;
  variant: string;
  from: string;
  until: string;
  prices: Readonly<Record<string, string>>;
}

export const EMPTY_DRAFT: PriceDraft = { provider: "", models: "", tier: "", above: "", region: "", offPeak: "", variant: "", from: "", until: "", prices: {} };

/** The API's names of the fields that show their own problems. */
export const FIELD_NAMES: readonly string[] = ["provider", "models", "tier", "above_input_tokens", "region", "off_peak", "variant", "from", "until", ...UNIT_NAMES];

/** Returns the fields of a price that is set. */
export function draftOf(price: PriceOverride): PriceDraft {
  return {
    provider: price.provider,
    models: price.models.join(", "),
    tier: price.tier ?? "",
    above: price.above_input_tokens === null ? "" : String(price.above_input_tokens),
    region: price.region ?? "",
    offPeak: price.off_peak ?? "",
    variant: price.variant ?? "",
    from: price.from ?? "",
    until: price.until ?? "",
    prices: price.prices,
  };
}

/** Returns the price that the fields mean; what is wrong with it, the API says. */
export function priceOf(draft: PriceDraft): SetPrice {
  const prices = Object.entries(draft.prices).map(([unit, price]) => [unit, price.trim()] as const);
  return {
    provider: draft.provider.trim(),
    models: draft.models
      .split(/[,\n]/)
      .map((model) => model.trim())
      .filter(Boolean),
    tier: textOf(draft.tier),
    above_input_tokens: draft.above.trim() === "" ? null : Number(draft.above),
    region: textOf(draft.region),
    off_peak: textOf(draft.offPeak),
    variant: textOf(draft.variant),
    from: textOf(draft.from),
    until: textOf(draft.until),
    prices: Object.fromEntries(prices.filter(([, price]) => price !== "")),
  };
}

function textOf(field: string): string | null {
  return field.trim() || null;
}

/** Says under which conditions a price holds; empty where there are none. */
export function describeConditions(price: Omit<PriceOverride, "prices" | "provider" | "models" | "id" | "created_at" | "updated_at">): string[] {
  const { tier, above_input_tokens: above, region, off_peak: offPeak, variant, from, until } = price;
  return [
    tier && `tier ${tier}`,
    above !== null && `above ${above.toLocaleString("en-US")} input tokens`,
    region && `region ${region}`,
    offPeak && `${offPeak} UTC`,
    variant && `variant ${variant}`,
    from && `from ${from}`,
    until && `until ${until}`,
  ].filter((text): text is string => typeof text === "string" && text !== "");
}
