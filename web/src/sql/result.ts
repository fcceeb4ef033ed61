import type { Json } from "../api/types";

/** What a query answered, as `POST /v1/helicone-sql/execute` tells it. */
export interface SqlResult {
  rows: Record<string, Json>[];
  rowCount: number;
  /** Of the answer, in bytes. */
  size: number;
  elapsedMilliseconds: number;
}

/** A column of the result. */
export interface ResultColumn {
  name: string;
  isNumber: boolean;
  /** How wide it is shown, in characters. */
  width: number;
}

/** A chart of a result: one of its columns is a time, the others are figures. */
export interface ResultChart {
  /** Seconds since 1970, ascending. */
  times: number[];
  series: { name: string; values: (number | null)[] }[];
}

const NARROWEST = 6;
const WIDEST = 48;
/** How many rows are looked at to tell how wide a column is. */
const MEASURED = 200;
const MOST_SERIES = 6;
const INSTANT = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(?:Z|([+-])(\d\d):?(\d\d)?)?)?$/;

/** Returns the columns of a result in the order in which the query names them. */
export function columnsOf(rows: readonly Record<string, Json>[]): ResultColumn[] {
  const [first] = rows;
  if (!first) return [];
  const looked = rows.slice(0, MEASURED);
  return Object.keys(first).map((name) => {
    const longest = looked.reduce((most, row) => Math.max(most, cellText(row[name]).length), name.length);
    const known = looked.map((row) => row[name]).filter((value) => value !== null && value !== undefined);
    return { name, isNumber: known.length > 0 && known.every((value) => typeof value === "number"), width: Math.min(WIDEST, Math.max(NARROWEST, longest)) };
  });
}

/** Writes a value as a cell of the grid has it, on one line. */
export function cellText(value: Json | undefined): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "string") return value.replace(/\s*\n\s*/g, " ⏎ ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Returns what can be drawn of a result over time; null where there is no time with figures beside it, or no two points of it. */
export function chartOf(rows: readonly Record<string, Json>[], columns: readonly ResultColumn[]): ResultChart | null {
  const time = columns.find(({ name }) => rows.length > 1 && rows.every((row) => secondsOf(row[name]) !== null));
  const figures = columns.filter(({ isNumber }) => isNumber).slice(0, MOST_SERIES);
  if (!time || figures.length === 0) return null;
  const sorted = rows.map((row) => ({ row, at: secondsOf(row[time.name]) ?? 0 })).toSorted((left, right) => left.at - right.at);
  // Several rows of one time are parts of a whole that a line would jump between.
  if (sorted.some(({ at }, index) => at === sorted[index - 1]?.at)) return null;
  return {
    times: sorted.map(({ at }) => at),
    series: figures.map(({ name }) => ({ name, values: sorted.map(({ row }) => numberOf(row[name])) })),
  };
}

function numberOf(value: Json | undefined): number | null {
  return typeof value === "number" ? value : null;
}

/** A time without a zone is one of UTC. */
function secondsOf(value: Json | undefined): number | null {
  const [, day, clock = "00:00", sign, hours, minutes = "00"] = (typeof value === "string" && INSTANT.exec(value)) || [];
  if (day === undefined) return null;
  const milliseconds = Date.parse(`${day}T${clock}${sign ? `${sign}${hours}:${minutes}` : "Z"}`);
  return Number.isNaN(milliseconds) ? null : milliseconds / 1000;
}
