/** Calls over time by how they ended. */
import type { ChartColour } from "../charts/colours";
import type { ChartSeries } from "../charts/plot";
import { statusOf } from "../format/status";

interface ByStatus {
  name: string;
  values: (number | null)[];
  sum: number;
}

type StatusClass = "Success" | "4xx" | "5xx" | "Other";
const CLASSES: readonly { name: StatusClass; colour: ChartColour }[] = [
  { name: "Success", colour: "good" },
  { name: "4xx", colour: "warn" },
  { name: "5xx", colour: "bad" },
  { name: "Other", colour: "idle" },
];
/** Failures of providers are red, too many calls amber; the others only differ. */
const SERVER_COLOURS: readonly ChartColour[] = ["bad", 5, 8];
const OTHER_COLOURS: readonly ChartColour[] = [4, 2, 6, 7, 3];
/** Codes beyond these are one series. */
const MOST_CODES = 5;

/** Returns the class of a status; ours (cancelled, timed out) are negative and are others. */
export function classOf(status: number): StatusClass {
  if (status >= 200 && status < 400) return "Success";
  if (status >= 400 && status < 500) return "4xx";
  return status >= 500 ? "5xx" : "Other";
}

/** Says whether a status counts as an error. */
export function isError(status: number): boolean {
  return status >= 400 || status < 200;
}

/** Returns calls by class of status, success first. */
export function classSeries(statuses: readonly ByStatus[], length: number): ChartSeries[] {
  const series = CLASSES.map(({ name, colour }) => ({ name, colour, values: sumAll(statuses.filter(({ name: status }) => classOf(Number(status)) === name), length) }));
  return series.filter(({ name, values }) => name === "Success" || values.some((value) => value > 0));
}

/** Returns the calls that failed by their status, the commonest first; rare ones are one series. */
export function errorSeries(statuses: readonly ByStatus[], length: number): ChartSeries[] {
  const errors = statuses.filter(({ name }) => isError(Number(name)));
  const [common, rare] = [errors.slice(0, MOST_CODES), errors.slice(MOST_CODES)];
  const [servers, others] = [[...SERVER_COLOURS], [...OTHER_COLOURS]];
  const colourOf = (status: number): ChartColour => status === 429 ? "warn" : ((status >= 500 ? servers : others).shift() ?? "idle");
  const series = common.map(({ name, values }): ChartSeries => ({ name: codeName(Number(name)), values, colour: colourOf(Number(name)) }));
  return rare.length > 0 ? [...series, { name: "Others", values: sumAll(rare, length), colour: "idle" }] : series;
}

/** Names a status: its number, or what ours mean. */
export function codeName(status: number): string {
  return status > 0 ? String(status) : statusOf({ response_status: status }).text.replace("—", "None");
}

function sumAll(series: readonly ByStatus[], length: number): number[] {
  return Array.from({ length }, (_, index) => series.reduce((sum, { values }) => sum + (values[index] ?? 0), 0));
}
