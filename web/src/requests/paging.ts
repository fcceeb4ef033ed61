import type { HeliconeRequest } from "../api/types";
import type { RequestSearch } from "../filter/search";

export const PAGE_SIZE = 50;

/** The first page follows new requests; any other is held still at the instant the paging began. */
export function isFirstPage(search: RequestSearch): boolean {
  return !search.before && !search.offset;
}

/** Returns the search of the page after this one in time order backwards. */
export function olderPage(search: RequestSearch, newest: Pick<HeliconeRequest, "request_created_at">): RequestSearch {
  const before = search.before ?? justAfter(newest.request_created_at);
  return { ...search, before, offset: (search.offset ?? 0) + PAGE_SIZE };
}

/** Returns the search of the page before this one; the first page is live again. */
export function newerPage(search: RequestSearch): RequestSearch {
  const offset = (search.offset ?? 0) - PAGE_SIZE;
  return offset > 0 ? { ...search, offset } : firstPage(search);
}

export function firstPage(search: RequestSearch): RequestSearch {
  const { before: _before, offset: _offset, ...filters } = search;
  return filters;
}

/** Instants are shown to the millisecond but may be stored finer: one more, or the newest row would drop out. */
function justAfter(iso: string): string {
  return new Date(Date.parse(iso) + 1).toISOString();
}
