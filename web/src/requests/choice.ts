/** Which columns the list shows, in which order and how wide: remembered in this browser. */
import { COLUMNS } from "./columns";

export interface ColumnChoice {
  /** Names of columns, `property:Env` and `score:accuracy` among them, in order. */
  names: string[];
  /** Widths in pixels of those that were changed. */
  widths: Record<string, number>;
}

const STORAGE_KEY = "gatehouse.requests.columns";
const LEAST_WIDTH = 56;
const MOST_WIDTH = 1200;

export const DEFAULT_CHOICE: ColumnChoice = {
  names: ["time", "status", "model", "request", "response", "latency", "firstToken", "tokens", "cost", "user", "properties"],
  widths: {},
};

/** Reads what was chosen last; what cannot be read is the default. */
export function readChoice(text: string | null): ColumnChoice {
  if (text === null) return DEFAULT_CHOICE;
  try {
    const { names, widths } = JSON.parse(text) as Partial<Record<keyof ColumnChoice, unknown>>;
    const known = Array.isArray(names) ? [...new Set(names.filter(isColumn))] : [];
    return known.length === 0 ? DEFAULT_CHOICE : { names: known, widths: widthsOf(widths) };
  } catch {
    return DEFAULT_CHOICE;
  }
}

export function loadChoice(): ColumnChoice {
  return readChoice(localStorage.getItem(STORAGE_KEY));
}

export function storeChoice(choice: ColumnChoice): void {
  localStorage.setItem(STORAGE_KEY, JSON.stringify(choice));
}

/** Shows a column at the end, or takes it away; the last one stays. */
export function toggleColumn(choice: ColumnChoice, name: string): ColumnChoice {
  if (!choice.names.includes(name)) return { ...choice, names: [...choice.names, name] };
  const names = choice.names.filter((known) => known !== name);
  return names.length === 0 ? choice : { ...choice, names };
}

/** Moves a column by some places. */
export function moveColumn(choice: ColumnChoice, name: string, by: number): ColumnChoice {
  const from = choice.names.indexOf(name);
  const to = Math.min(Math.max(from + by, 0), choice.names.length - 1);
  if (from < 0 || to === from) return choice;
  const names = choice.names.filter((known) => known !== name);
  names.splice(to, 0, name);
  return { ...choice, names };
}

/** Returns the columns for what a search found: where it was found stands in the place of both previews. */
export function searchChoice({ names, widths }: ColumnChoice): ColumnChoice {
  const others = names.filter((name) => name !== "request" && name !== "response");
  const at = Math.max(others.indexOf("model"), others.indexOf("status"), others.indexOf("time")) + 1;
  return { names: [...others.slice(0, at), "snippet", ...others.slice(at)], widths };
}

/** Makes a column as wide as asked for, within reason. */
export function resizeColumn(choice: ColumnChoice, name: string, width: number): ColumnChoice {
  return { ...choice, widths: { ...choice.widths, [name]: Math.round(Math.min(Math.max(width, LEAST_WIDTH), MOST_WIDTH)) } };
}

function isColumn(name: unknown): name is string {
  return typeof name === "string" && (COLUMNS.some((column) => column.name === name) || /^(?:property|score):./.test(name));
}

function widthsOf(value: unknown): Record<string, number> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, number] => Number.isFinite(entry[1])));
}
