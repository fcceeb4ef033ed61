/** How the list of requests is sorted, as it stands in the address bar: `sort=cost`, `sort=-cost` for the largest first. */
import type { RequestQuery } from "../api/types";

export const SORT_KEYS = [
  "created_at",
  "latency",
  "time_to_first_token",
  "total_tokens",
  "prompt_tokens",
  "completion_tokens",
  "cost",
  "user_id",
  "body_model",
  "is_cached",
  "request_prompt",
  "response_text",
] as const;
export type SortKey = (typeof SORT_KEYS)[number] | `properties:${string}`;

export interface Sorting {
  key: SortKey;
  direction: "asc" | "desc";
}

/** The newest first: the only order that new requests can join. */
export const NEWEST_FIRST: Sorting = { key: "created_at", direction: "desc" };

/** Reads a sorting; what is none is the newest first. */
export function readSorting(text: string | undefined): Sorting {
  if (text === undefined) return NEWEST_FIRST;
  const direction = text.startsWith("-") ? "desc" : "asc";
  const name = text.replace(/^-/, "");
  const key = SORT_KEYS.find((known) => known === name) ?? (/^properties:.+/.test(name) ? (name as SortKey) : null);
  return key === null ? NEWEST_FIRST : { key, direction };
}

/** Writes a sorting; the newest first needs no word. */
export function writeSorting({ key, direction }: Sorting): string | undefined {
  return isNewestFirst({ key, direction }) ? undefined : `${direction === "desc" ? "-" : ""}${key}`;
}

export function isNewestFirst({ key, direction }: Sorting): boolean {
  return key === NEWEST_FIRST.key && direction === NEWEST_FIRST.direction;
}

/** Returns the sorting after a click on a heading: the largest first, then the smallest, then the newest again. */
export function nextSorting(sorting: Sorting, key: SortKey): Sorting {
  if (sorting.key !== key) return { key, direction: "desc" };
  if (sorting.direction === "desc") return { key, direction: "asc" };
  return NEWEST_FIRST;
}

/** Returns a sorting as the API takes it. */
export function apiSort({ key, direction }: Sorting): NonNullable<RequestQuery["sort"]> {
  const property = /^properties:(.+)$/.exec(key)?.[1];
  return property === undefined ? { [key]: direction } : { properties: { [property]: direction } };
}
