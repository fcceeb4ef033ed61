import type { TimeRange } from "./search";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const RANGE_MS: Record<TimeRange, number> = {
  "15m": 15 * MINUTE_MS,
  "1h": HOUR_MS,
  "24h": DAY_MS,
  "7d": 7 * DAY_MS,
  "30d": 30 * DAY_MS,
};

/** Returns the ISO instant at which a range that ends now begins. */
export function startOfRange(range: TimeRange, nowMs: number): string {
  return new Date(nowMs - RANGE_MS[range]).toISOString();
}
