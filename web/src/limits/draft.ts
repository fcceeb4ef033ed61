import type { Policy, Segment, Unit } from "./policy";

/** What stands in the fields of a policy, as it was typed. */
export interface PolicyDraft {
  quota: string;
  unit: DraftUnit;
  window: string;
  span: Span;
  segment: Segment["kind"];
  property: string;
}

/** People think in dollars, policies in cents. */
export type DraftUnit = "calls" | "dollars" | "tokens";
export type Span = "minutes" | "hours" | "days";

export const FIRST_DRAFT: PolicyDraft = { quota: "1000", unit: "calls", window: "1", span: "hours", segment: "user", property: "" };

const SECONDS: Record<Span, number> = { minutes: 60, hours: 3600, days: 86_400 };
const UNITS: Record<DraftUnit, Unit> = { calls: "request", dollars: "cents", tokens: "tokens" };

/** Returns the policy that the fields mean; what is no number stays none. */
export function policyOf(draft: PolicyDraft): Policy {
  const segment: Segment = draft.segment === "property" ? { kind: "property", name: draft.property.trim() } : { kind: draft.segment };
  return { quota: amountOf(draft), windowSeconds: numberOf(draft.window) * SECONDS[draft.span], unit: UNITS[draft.unit], segment };
}

function amountOf({ quota, unit }: PolicyDraft): number {
  const amount = numberOf(quota);
  // 12.29 dollars are 1229 cents, whatever floating point makes of them; a part of a cent stays one.
  return unit === "dollars" ? Number((amount * 100).toFixed(4)) : amount;
}

function numberOf(text: string): number {
  return text.trim() === "" ? Number.NaN : Number(text);
}
