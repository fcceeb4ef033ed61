import type { HeliconeRequest } from "../api/types";
import { formatDuration } from "../format/numbers";

type Attempt = HeliconeRequest["attempts"][number];

/** One attempt as a bar on the track that is as long as the call until its last attempt ended. */
export interface AttemptBar {
  attempt: Attempt;
  /** Percent of the track. */
  left: number;
  width: number;
  durationMs: number;
  /** How long the gateway waited before it, since the one before had ended. */
  waitMs: number;
  succeeded: boolean;
}

/** Lays attempts out on one track, in the order in which they were made. */
export function attemptBars(attempts: readonly Attempt[]): AttemptBar[] {
  const end = Math.max(...attempts.map((attempt) => attempt.ended_ms), 0);
  const percent = (milliseconds: number) => (end === 0 ? 0 : (milliseconds / end) * 100);
  return attempts.map((attempt, index) => {
    const durationMs = Math.max(attempt.ended_ms - attempt.started_ms, 0);
    const before = attempts[index - 1]?.ended_ms ?? attempt.started_ms;
    return {
      attempt,
      left: percent(attempt.started_ms),
      width: percent(durationMs),
      durationMs,
      waitMs: Math.max(attempt.started_ms - before, 0),
      succeeded: attempt.status !== null && attempt.status < 400,
    };
  });
}

/** Says how an attempt ended: its status, or why there was none. */
export function describeEnd({ status, error_kind }: Pick<Attempt, "status" | "error_kind">): string {
  if (status !== null) return String(status);
  return error_kind === null ? "no answer" : error_kind.replaceAll("_", " ");
}

/** Says which target was asked: the caller's own, or a target out of its fallbacks. */
export function describeTarget({ provider, target_url, fallback_index }: Pick<Attempt, "provider" | "target_url" | "fallback_index">): string {
  const name = provider || target_url;
  return fallback_index === null ? name : `${name}, target ${fallback_index + 1}`;
}

/** Says how long the gateway waited before an attempt, when it did. */
export function describeWait({ waitMs }: Pick<AttemptBar, "waitMs">): string | null {
  return waitMs < 1 ? null : `after a wait of ${formatDuration(waitMs)}`;
}
