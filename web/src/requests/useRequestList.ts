import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { countRequests, queryRequests } from "../api/requests";
import { buildFilter, buildPageFilter } from "../filter/ast";
import { formatSearch, type RequestSearch } from "../filter/search";
import { useClient } from "../session/ClientContext";
import { firstPage, isFirstPage, PAGE_SIZE } from "./paging";

const ROWS_EVERY_MS = 1000;
const TOTAL_EVERY_MS = 3000;

/** Reads one page of requests, newest first; asks again every second while `live` and the tab is in sight. */
export function useRequestRows(search: RequestSearch, live: boolean) {
  const client = useClient();
  return useQuery({
    queryKey: ["requests", formatSearch(search)],
    queryFn: ({ signal }) => {
      const filter = buildPageFilter(search, Date.now());
      const query = { filter, offset: search.offset ?? 0, limit: PAGE_SIZE, sort: { created_at: "desc" as const } };
      return queryRequests(client, query, signal);
    },
    refetchInterval: live && isFirstPage(search) ? ROWS_EVERY_MS : false,
    placeholderData: keepPreviousData,
  });
}

/** Counts the requests of all pages. */
export function useRequestTotal(search: RequestSearch, live: boolean) {
  const client = useClient();
  const filters = firstPage(search);
  return useQuery({
    queryKey: ["request-total", formatSearch(filters)],
    queryFn: ({ signal }) => countRequests(client, buildFilter(filters, Date.now()), signal),
    refetchInterval: live ? TOTAL_EVERY_MS : false,
    placeholderData: keepPreviousData,
  });
}
