/** What stands along the axes. */

const DAY_S = 86_400;
const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const WEEKDAY = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short" });
const MONTH = new Intl.DateTimeFormat("en-GB", { month: "short", year: "2-digit" });
const WHOLE_MONTH = new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric" });
const FEW_CHARACTERS = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });

/** Names an instant on the axis of time; `stepSeconds` is how far the marks are apart. Midnight is named by its day. */
export function timeTick(seconds: number, stepSeconds: number): string {
  const date = new Date(seconds * 1000);
  if (stepSeconds >= 360 * DAY_S) return String(date.getFullYear());
  if (stepSeconds >= 27 * DAY_S) return MONTH.format(date);
  const isMidnight = date.getHours() === 0 && date.getMinutes() === 0;
  return stepSeconds >= DAY_S || isMidnight ? DAY.format(date) : CLOCK.format(date);
}

/** Names a piece of time in full: `Sun 22 Nov, 14:00`. */
export function pieceName(ms: number, pieceMs: number): string {
  const date = new Date(ms);
  if (pieceMs >= 300 * DAY_S * 1000) return String(date.getFullYear());
  if (pieceMs >= 28 * DAY_S * 1000) return WHOLE_MONTH.format(date);
  const day = WEEKDAY.format(date);
  return pieceMs >= DAY_S * 1000 ? day : `${day}, ${CLOCK.format(date)}`;
}

/** Writes a number in few characters: `950`, `1.2k`, `3.4M`. */
export function compact(value: number): string {
  const size = Math.abs(value);
  if (size < 1000) return String(Number(value.toFixed(size < 10 ? 2 : 1)));
  return FEW_CHARACTERS.format(value).replace("K", "k");
}

/** Writes dollars for an axis. */
export function compactUsd(value: number): string {
  if (value === 0) return "$0";
  const size = Math.abs(value);
  if (size >= 1000) return `$${compact(value)}`;
  return `$${size >= 1 ? Number(value.toFixed(2)) : Number(value.toPrecision(2))}`;
}

/** Writes milliseconds for an axis. */
export function compactDuration(value: number): string {
  if (value < 1000) return `${Number(value.toFixed(1))} ms`;
  return value < 60_000 ? `${Number((value / 1000).toFixed(1))} s` : `${Number((value / 60_000).toFixed(1))} min`;
}
