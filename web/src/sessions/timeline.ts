import type { HeliconeRequest } from "../api/types";
import { formatDuration } from "../format/numbers";
import { spanOf } from "./sums";
import { byTime, pathOf } from "./tree";

/** A stretch of time, in milliseconds since 1970. */
export interface Stretch {
  startMs: number;
  endMs: number;
}

/** A call as a bar of the timeline. */
export interface Span extends Stretch {
  call: HeliconeRequest;
  path: string;
  /** Which of the colours it has: calls at the same path share one. */
  colour: number;
}

/** A line across the timeline. */
export interface Tick {
  atMs: number;
  text: string;
}

/** How many colours there are; further paths begin again with the first. */
export const COLOURS = 8;
const SHORTEST_MS = 10;
const STEPS = [1, 2, 5] as const;
/** Steps of time that people count by, from a second on. */
const CLOCK_STEPS_MS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400].map((seconds) => seconds * 1000);

/** Returns the bars of calls, oldest first. */
export function spansOf(calls: readonly HeliconeRequest[]): Span[] {
  const colours = new Map<string, number>();
  return calls.toSorted(byTime).map((call) => {
    const path = pathOf(call);
    if (!colours.has(path)) colours.set(path, colours.size % COLOURS);
    return { call, path, colour: colours.get(path) ?? 0, ...spanOf(call) };
  });
}

/** Returns the time that spans take together, with room at its end. */
export function extentOf(spans: readonly Stretch[]): Stretch {
  const startMs = Math.min(...spans.map((span) => span.startMs));
  const endMs = Math.max(...spans.map((span) => span.endMs));
  return { startMs, endMs: Math.max(endMs, startMs + SHORTEST_MS) };
}

/** Returns `view` with another length, `factor` times as long, in which the instant `atMs` stays where it was; never beyond `extent`. */
export function zoom(view: Stretch, extent: Stretch, factor: number, atMs: number): Stretch {
  const whole = extent.endMs - extent.startMs;
  const length = Math.min(whole, Math.max(SHORTEST_MS, (view.endMs - view.startMs) * factor));
  const share = (atMs - view.startMs) / (view.endMs - view.startMs);
  return moveInto({ startMs: atMs - share * length, endMs: atMs + (1 - share) * length }, extent);
}

/** Returns `view` moved by a share of its length; never beyond `extent`. */
export function pan(view: Stretch, extent: Stretch, share: number): Stretch {
  const by = (view.endMs - view.startMs) * share;
  return moveInto({ startMs: view.startMs + by, endMs: view.endMs + by }, extent);
}

/** Says where a bar stands in `view`, in shares of its length from 0 to 1; null when it is out of sight. */
export function place(span: Stretch, view: Stretch): { from: number; length: number } | null {
  if (span.endMs < view.startMs || span.startMs > view.endMs) return null;
  const whole = view.endMs - view.startMs;
  const from = Math.max(0, (span.startMs - view.startMs) / whole);
  const to = Math.min(1, (span.endMs - view.startMs) / whole);
  return { from, length: to - from };
}

/** Returns at most about `wanted` lines across `view`, at round times after `originMs`. */
export function ticksOf(view: Stretch, originMs: number, wanted: number): Tick[] {
  const step = stepOf((view.endMs - view.startMs) / Math.max(1, wanted));
  const first = Math.ceil((view.startMs - originMs) / step);
  const ticks: Tick[] = [];
  for (let index = first; originMs + index * step <= view.endMs; index += 1) {
    ticks.push({ atMs: originMs + index * step, text: index === 0 ? "0" : roundTime(index * step) });
  }
  return ticks;
}

/** Returns the first round step that is no shorter than `leastMs`. */
function stepOf(leastMs: number): number {
  for (let power = 1; power < 1000; power *= 10) {
    for (const step of STEPS) if (step * power >= leastMs) return step * power;
  }
  const day = 86_400_000;
  return CLOCK_STEPS_MS.find((step) => step >= leastMs) ?? Math.ceil(leastMs / day) * day;
}

function roundTime(afterMs: number): string {
  if (afterMs < 1000) return formatDuration(afterMs);
  const seconds = afterMs / 1000;
  if (seconds < 60) return `${Number(seconds.toFixed(3))} s`;
  const minutes = Math.floor(seconds / 60);
  const rest = Math.round((seconds % 60) * 1000) / 1000;
  if (minutes < 60) return rest === 0 ? `${minutes} min` : `${minutes} min ${rest} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return hours % 24 === 0 ? `${hours / 24} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

function moveInto({ startMs, endMs }: Stretch, extent: Stretch): Stretch {
  if (startMs < extent.startMs) return { startMs: extent.startMs, endMs: Math.min(extent.endMs, extent.startMs + endMs - startMs) };
  if (endMs > extent.endMs) return { startMs: Math.max(extent.startMs, extent.endMs - (endMs - startMs)), endMs: extent.endMs };
  return { startMs, endMs };
}
