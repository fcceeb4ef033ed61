import type { ReconciledPlace } from "../api/types";
import type { Tone } from "../format/status";

/** Up to so many percent, or dollars, both sides agree: providers round what we do not. */
const AGREES_PERCENT = 1;
const AGREES_USD = 0.005;

type Sides = Pick<ReconciledPlace, "theirs_usd" | "drift_usd" | "drift_percent" | "calls">;

export interface Drift {
  tone: Tone;
  /** In words, so that nobody has to see the colour. */
  text: string;
}

/** Says how both sides of a day and model differ. */
export function driftOf({ theirs_usd: theirs, drift_usd: drift, drift_percent: percent, calls }: Sides): Drift {
  if (theirs === null && calls > 0) return { tone: "warn", text: "only here" };
  if (calls === 0 && theirs) return { tone: "bad", text: "only at the provider" };
  if (Math.abs(drift) < AGREES_USD || (percent !== null && Math.abs(percent) <= AGREES_PERCENT)) return { tone: "good", text: "agrees" };
  return drift > 0 ? { tone: "warn", text: "we say more" } : { tone: "bad", text: "we say less" };
}

/** Formats a share with its sign: "+2 %", "−0.4 %". */
export function formatPercent(percent: number): string {
  const size = Number(Math.abs(percent).toFixed(1)).toLocaleString("en-US");
  if (size === "0") return percent === 0 ? "0 %" : "<0.1 %";
  return `${percent < 0 ? "−" : "+"}${size} %`;
}
