import type { FilterNode } from "../api/types";
import { allOf, FAILED, on, SUCCEEDED } from "./node";
import { startOfRange } from "./range";
import type { RequestSearch } from "./search";

/**
 * Returns the filter that the API understands for a search.
 * Paging (`before`, `offset`) is not part of it: the total counts all pages.
 */
export function buildFilter(search: RequestSearch, nowMs: number): FilterNode {
  const nodes: FilterNode[] = [];
  if (search.status === "success") nodes.push(SUCCEEDED);
  if (search.status === "errors") nodes.push(FAILED);
  if (search.cache === "hit") nodes.push(on({ cached: { equals: true } }));
  if (search.cache === "miss") nodes.push(on({ cache_enabled: { equals: true } }), on({ cached: { equals: false } }));
  if (search.model) nodes.push(on({ model: { contains: search.model } }));
  if (search.provider) nodes.push(on({ provider: { contains: search.provider } }));
  if (search.user) nodes.push(on({ user_id: { equals: search.user } }));
  if (search.request) nodes.push(on({ request_id: { equals: search.request } }));
  for (const { key, value } of search.properties ?? []) nodes.push(on({ properties: { [key]: { equals: value } } }));
  const from = search.range ? startOfRange(search.range, nowMs) : search.from;
  if (from) nodes.push(on({ request_created_at: { gte: from } }));
  if (search.to && !search.range) nodes.push(on({ request_created_at: { lte: search.to } }));
  return allOf(nodes);
}

/** Returns the filter of one page: the search's filter, held still at the instant the paging began. */
export function buildPageFilter(search: RequestSearch, nowMs: number): FilterNode {
  const filter = buildFilter(search, nowMs);
  if (!search.before) return filter;
  return allOf([filter, on({ request_created_at: { lte: search.before } })]);
}

export { allOf, on } from "./node";
