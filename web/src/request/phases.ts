import type { RequestPart } from "../api/types";

export type PhaseName = "Connect" | "Wait for first byte" | "Wait for first token" | "Receive the rest" | "Until the end";

export interface Phase {
  name: PhaseName;
  startMs: number;
  endMs: number;
}

type Timed = RequestPart<"connect_ms" | "ttfb_ms" | "time_to_first_token" | "delay_ms">;

const isKnown = (value: number | null | undefined): value is number => typeof value === "number" && value >= 0;

/**
 * Cuts the duration of a call into phases that follow each other, out of the marks that are known.
 * Returns none when the duration itself is unknown.
 */
export function phasesOf(request: Timed): Phase[] {
  const total = request.delay_ms;
  if (!isKnown(total)) return [];
  const marks: { name: PhaseName; at: number | null | undefined }[] = [
    { name: "Connect", at: request.connect_ms },
    { name: "Wait for first byte", at: request.ttfb_ms },
    { name: "Wait for first token", at: request.time_to_first_token },
    // Without a first byte nothing was received: the call ended waiting.
    { name: isKnown(request.ttfb_ms) ? "Receive the rest" : "Until the end", at: total },
  ];
  const phases: Phase[] = [];
  let startMs = 0;
  for (const { name, at } of marks) {
    if (!isKnown(at)) continue;
    const endMs = Math.min(Math.max(at, startMs), total);
    phases.push({ name, startMs, endMs });
    startMs = endMs;
  }
  return phases;
}
