/** Ranges of time as they stand in the address bar: relative to now, or between two instants. */
import { firstOf, type Address } from "../address/address";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const LENGTHS_MS = {
  "15m": 15 * MINUTE_MS,
  "1h": HOUR_MS,
  "3h": 3 * HOUR_MS,
  "6h": 6 * HOUR_MS,
  "24h": DAY_MS,
  "7d": 7 * DAY_MS,
  "30d": 30 * DAY_MS,
  "90d": 90 * DAY_MS,
} as const;

/** A range that ends now; `all` has no beginning. */
export type TimePreset = keyof typeof LENGTHS_MS | "all";

export const PRESETS = [...(Object.keys(LENGTHS_MS) as (keyof typeof LENGTHS_MS)[]), "all"] as const satisfies readonly TimePreset[];

export const PRESET_TEXTS: Record<TimePreset, string> = {
  "15m": "Last 15 minutes",
  "1h": "Last hour",
  "3h": "Last 3 hours",
  "6h": "Last 6 hours",
  "24h": "Last 24 hours",
  "7d": "Last 7 days",
  "30d": "Last 30 days",
  "90d": "Last 90 days",
  all: "All time",
};

/** A preset, or ISO instants, of which one may be missing. */
export type TimeRange = { range: TimePreset } | { from?: string; to?: string };

/** Instants in ms; no start means since ever. */
export interface Interval {
  startMs: number | null;
  endMs: number;
}

/** Reads the range in the address bar, or `fallback` where there is none. */
export function readTimeRange(address: Address, fallback: TimePreset): TimeRange {
  const range = PRESETS.find((known) => known === firstOf(address["range"]));
  if (range) return { range };
  const from = instant(firstOf(address["from"]));
  const to = instant(firstOf(address["to"]));
  if (from === undefined && to === undefined) return { range: fallback };
  return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
}

/** Writes a range for the address bar; all three names are set, so that none of an earlier range stays. */
export function writeTimeRange(time: TimeRange): Address {
  if ("range" in time) return { range: time.range, from: undefined, to: undefined };
  return { range: undefined, from: time.from, to: time.to };
}

/** Says when a range begins and ends, if it is asked for at `nowMs`. */
export function resolveTimeRange(time: TimeRange, nowMs: number): Interval {
  if (!("range" in time)) {
    return { startMs: time.from === undefined ? null : Date.parse(time.from), endMs: time.to === undefined ? nowMs : Date.parse(time.to) };
  }
  return { startMs: time.range === "all" ? null : nowMs - LENGTHS_MS[time.range], endMs: nowMs };
}

/** Returns the interval of the same length just before; none before all time. */
export function intervalBefore({ startMs, endMs }: Interval): Interval | null {
  return startMs === null ? null : { startMs: startMs - (endMs - startMs), endMs: startMs };
}

/** Says whether a range goes on to now, so that new calls belong to it. */
export function isOpenEnded(time: TimeRange): boolean {
  return "range" in time || time.to === undefined;
}

const DAY_AND_CLOCK: Intl.DateTimeFormatOptions = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };

/** Says a range in a few words. Local time. */
export function describeTimeRange(time: TimeRange): string {
  if ("range" in time) return PRESET_TEXTS[time.range];
  const [from, to] = [time.from, time.to].map((iso) => (iso === undefined ? null : new Date(iso).toLocaleString("en-GB", DAY_AND_CLOCK)));
  if (from && to) return `${from} – ${to}`;
  return from ? `Since ${from}` : `Until ${to}`;
}

function instant(iso: string | undefined): string | undefined {
  return iso !== undefined && !Number.isNaN(Date.parse(iso)) ? new Date(iso).toISOString() : undefined;
}
