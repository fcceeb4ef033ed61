/** How a range of time is cut into pieces for a chart. */
import type { Interval } from "./range";

export type Increment = "min" | "hour" | "day" | "week" | "month" | "year";

const MINUTE_MS = 60_000;
const LENGTHS_MS: Record<Increment, number> = {
  min: MINUTE_MS,
  hour: 60 * MINUTE_MS,
  day: 24 * 60 * MINUTE_MS,
  week: 7 * 24 * 60 * MINUTE_MS,
  month: 30 * 24 * 60 * MINUTE_MS,
  year: 365 * 24 * 60 * MINUTE_MS,
};
/** More pieces than this are not told apart on a screen. */
const MOST_PIECES = 200;
/** A gap of a broken clock must not make a list that fills the memory. */
const MOST_TIMES = 5000;

/** Returns the smallest increment that does not cut a range into too many pieces; days for a range without a start. */
export function incrementFor({ startMs, endMs }: Interval): Increment {
  if (startMs === null) return "day";
  const increments = Object.keys(LENGTHS_MS) as Increment[];
  return increments.find((increment) => (endMs - startMs) / LENGTHS_MS[increment] <= MOST_PIECES) ?? "year";
}

/** Returns how long a piece is, about: months and years differ. */
export function lengthOf(increment: Increment): number {
  return LENGTHS_MS[increment];
}

/** Returns the beginning of the piece that an instant lies in, by the clock of this browser. */
export function pieceOf(ms: number, increment: Increment): number {
  const date = new Date(ms);
  if (increment === "min") return date.setSeconds(0, 0);
  if (increment === "hour") return date.setMinutes(0, 0, 0);
  date.setHours(0, 0, 0, 0);
  if (increment === "week") date.setDate(date.getDate() - ((date.getDay() + 6) % 7));
  if (increment === "month" || increment === "year") date.setDate(1);
  if (increment === "year") date.setMonth(0);
  return date.getTime();
}

/** Returns the beginnings of all pieces from the one of `startMs` to the one of `endMs`. */
export function piecesBetween(startMs: number, endMs: number, increment: Increment): number[] {
  const pieces: number[] = [];
  for (let at = pieceOf(startMs, increment); at <= endMs && pieces.length < MOST_TIMES; at = next(at, increment)) pieces.push(at);
  return pieces;
}

/** Calendar steps keep to the clock over a change of summer time. */
function next(ms: number, increment: Increment): number {
  if (increment === "min" || increment === "hour") return ms + LENGTHS_MS[increment];
  const date = new Date(ms);
  if (increment === "day") date.setDate(date.getDate() + 1);
  else if (increment === "week") date.setDate(date.getDate() + 7);
  else if (increment === "month") date.setMonth(date.getMonth() + 1);
  else date.setFullYear(date.getFullYear() + 1);
  return date.getTime();
}
