import type { HeliconeRequest } from "../api/types";
import { formatUsd, usdOf } from "../format/money";
import { statusOf } from "../format/status";
import { tokensIn, tokensOut } from "../format/tokens";
import { known, unknown, type Figure } from "../format/unknown";

/** What several calls come to. A sum is over the calls where the figure is known; how many lack it stands beside it. */
export interface CallSums {
  requests: number;
  /** Calls that did not end well. */
  failed: number;
  usd: number;
  withoutCost: number;
  tokens: number;
  withoutTokens: number;
  /** From the beginning of the first call to the end of the last one, in milliseconds since 1970. */
  startMs: number;
  endMs: number;
}

/** Adds calls up; null for none. */
export function sumCalls(calls: readonly HeliconeRequest[]): CallSums | null {
  if (calls.length === 0) return null;
  const sums: CallSums = { requests: 0, failed: 0, usd: 0, withoutCost: 0, tokens: 0, withoutTokens: 0, startMs: Infinity, endMs: -Infinity };
  for (const call of calls) {
    const { startMs, endMs } = spanOf(call);
    const usd = usdOf(call);
    const tokens = tokensOf(call);
    sums.requests += 1;
    if (statusOf(call).tone !== "good") sums.failed += 1;
    if (usd === null) sums.withoutCost += 1;
    else sums.usd += usd;
    if (tokens === null) sums.withoutTokens += 1;
    else sums.tokens += tokens;
    sums.startMs = Math.min(sums.startMs, startMs);
    sums.endMs = Math.max(sums.endMs, endMs);
  }
  return sums;
}

/** Returns when a call began and ended; one whose duration is not known ends where it begins. */
export function spanOf(call: HeliconeRequest): { startMs: number; endMs: number } {
  const startMs = Date.parse(call.request_created_at);
  return { startMs, endMs: startMs + Math.max(0, call.delay_ms ?? 0) };
}

/** All tokens of a call, in and out; null when they are not known. */
export function tokensOf(call: HeliconeRequest): number | null {
  const [given, received] = [tokensIn(call), tokensOut(call)];
  return given === null && received === null ? (call.total_tokens ?? null) : (given ?? 0) + (received ?? 0);
}

/** The cost of several calls, or why there is none. */
export function costFigure({ requests, usd, withoutCost }: Pick<CallSums, "requests" | "usd" | "withoutCost">): Figure {
  return withoutCost >= requests ? unknown("the cost of none of these calls is known") : known(formatUsd(usd));
}

/** The tokens of several calls, or why there is no figure. */
export function tokenFigure({ requests, tokens, withoutTokens }: Pick<CallSums, "requests" | "tokens" | "withoutTokens">): Figure {
  return withoutTokens >= requests ? unknown("none of these calls reported its tokens") : known(tokens.toLocaleString("en-US"));
}

/** Says what a sum lacks; null when it lacks nothing. */
export function lacking(calls: number, what: string): string | null {
  if (calls === 0) return null;
  return `at least: ${what} of ${calls === 1 ? "one call" : `${calls.toLocaleString("en-US")} calls`} is not known`;
}
