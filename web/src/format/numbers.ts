import { known, unknown, type Figure } from "./unknown";

type Maybe = number | null | undefined;

/** Formats whole numbers with grouping; absent numbers keep their reason. */
export function count(value: Maybe, reason: string): Figure {
  return isNumber(value) ? known(value.toLocaleString("en-US")) : unknown(reason);
}

/** Formats milliseconds: `0.4 ms`, `840 ms`, `2.41 s`, `3 min 5 s`. */
export function duration(milliseconds: Maybe, reason: string): Figure {
  return isNumber(milliseconds) ? known(formatDuration(milliseconds)) : unknown(reason);
}

export function formatDuration(milliseconds: number): string {
  if (milliseconds > 0 && milliseconds < 0.05) return "<0.1 ms";
  if (milliseconds < 9.95) return `${Number(milliseconds.toFixed(1))} ms`;
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 9_995) return `${(milliseconds / 1000).toFixed(2)} s`;
  if (milliseconds < 59_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const BYTE_UNITS = ["B", "KiB", "MiB", "GiB"] as const;

/** Formats a size in binary units: `512 B`, `4.2 KiB`. */
export function bytes(size: Maybe, reason: string): Figure {
  return isNumber(size) ? known(formatBytes(size)) : unknown(reason);
}

export function formatBytes(size: number): string {
  let value = size;
  let unit = 0;
  while (value >= 1024 && unit < BYTE_UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${BYTE_UNITS[unit]}`;
}

function isNumber(value: Maybe): value is number {
  return typeof value === "number" && Number.isFinite(value);
}
