/**
 * The request list's state as it stands in the address bar.
 * Absent means "not filtered"; everything unknown or malformed is ignored, so that an old link still opens.
 */

import { parseAddress, type Address } from "../address/address";

export const STATUS_CLASSES = ["success", "errors"] as const;
export type StatusClass = (typeof STATUS_CLASSES)[number];

export const CACHE_STATES = ["hit", "miss"] as const;
/** Whether the cache answered; a miss is a call that enabled it in vain. */
export type CacheState = (typeof CACHE_STATES)[number];

export const TIME_RANGES = ["15m", "1h", "24h", "7d", "30d"] as const;
export type TimeRange = (typeof TIME_RANGES)[number];

export interface PropertyFilter {
  key: string;
  value: string;
}

export interface RequestSearch {
  status?: StatusClass;
  cache?: CacheState;
  model?: string;
  provider?: string;
  user?: string;
  request?: string;
  properties?: PropertyFilter[];
  /** Relative to now; excludes `from` and `to`. */
  range?: TimeRange;
  /** ISO instants. */
  from?: string;
  to?: string;
  /** The instant that older pages are counted from, so that new rows do not shift them. */
  before?: string;
  offset?: number;
}

const TEXT_FIELDS = ["model", "provider", "user", "request"] as const;
const INSTANT_FIELDS = ["from", "to", "before"] as const;

/** Reads the part of a URL after `?`. */
export function parseSearch(text: string): RequestSearch {
  const parameters = new URLSearchParams(text);
  const search: RequestSearch = {};
  const status = STATUS_CLASSES.find((known) => known === parameters.get("status"));
  if (status) search.status = status;
  const cache = CACHE_STATES.find((known) => known === parameters.get("cache"));
  if (cache) search.cache = cache;
  for (const field of TEXT_FIELDS) {
    const value = parameters.get(field)?.trim();
    if (value) search[field] = value;
  }
  const properties = parameters.getAll("property").map(parseProperty).filter((property) => property !== null);
  if (properties.length > 0) search.properties = properties;
  const range = TIME_RANGES.find((known) => known === parameters.get("range"));
  if (range) search.range = range;
  for (const field of INSTANT_FIELDS) {
    const value = parameters.get(field);
    if (value && !Number.isNaN(Date.parse(value))) search[field] = value;
  }
  const offset = Number(parameters.get("offset"));
  if (Number.isSafeInteger(offset) && offset > 0) search.offset = offset;
  return search;
}

/** Writes the search as the part of a URL from `?` on; empty when nothing is set. */
export function formatSearch(search: RequestSearch): string {
  const parameters = new URLSearchParams();
  if (search.status) parameters.set("status", search.status);
  if (search.cache) parameters.set("cache", search.cache);
  for (const field of TEXT_FIELDS) {
    const value = search[field];
    if (value) parameters.set(field, value);
  }
  for (const { key, value } of search.properties ?? []) parameters.append("property", `${key}=${value}`);
  if (search.range) parameters.set("range", search.range);
  for (const field of INSTANT_FIELDS) {
    const value = search[field];
    if (value) parameters.set(field, value);
  }
  if (search.offset) parameters.set("offset", String(search.offset));
  const text = parameters.toString();
  return text ? `?${text}` : "";
}

/** Returns what stands in the address bar for a search. */
export function addressOf(search: RequestSearch): Address {
  return parseAddress(formatSearch(search));
}

/** Reads `key=value`; the value may contain `=`, the key may not. Returns null when either is empty. */
export function parseProperty(text: string): PropertyFilter | null {
  const at = text.indexOf("=");
  if (at < 0) return null;
  const key = text.slice(0, at).trim();
  const value = text.slice(at + 1).trim();
  return key && value ? { key, value } : null;
}

/** Counts the filters in force; paging is not one. */
export function countFilters(search: RequestSearch): number {
  const single = [search.status, search.cache, search.model, search.provider, search.user, search.request];
  const time = search.range ?? search.from ?? search.to;
  return single.filter(Boolean).length + (search.properties?.length ?? 0) + (time ? 1 : 0);
}
