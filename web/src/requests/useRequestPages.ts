import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import type { Page } from "../api/client";
import { countRequests, pageRequests } from "../api/requests";
import type { FilterNode, HeliconeRequest } from "../api/types";
import { allOf, between } from "../filter/node";
import { useClient } from "../session/ClientContext";
import { isOpenEnded, resolveTimeRange, type TimeRange } from "../time/range";
import { renewed } from "./arrivals";
import { apiSort, type Sorting } from "./sorting";

const PAGE_SIZE = 100;
const TOTAL_EVERY_MS = 4000;

/** Which requests are listed, and how. */
export interface Listing {
  filter: FilterNode;
  time: TimeRange;
  sorting: Sorting;
}

interface Place {
  cursor: string | null;
  /** The whole filter: a range that ends now must not move between two pages. */
  filter: FilterNode;
}

/** Reads the list page by page, each from where the one before ended. Until the first is there, the list before it stays. */
export function useRequestPages(listing: Listing) {
  const client = useClient();
  const queries = useQueryClient();
  const { filter, time, sorting } = listing;
  const queryKey = useMemo(() => ["requests", filter, time, sorting], [filter, time, sorting]);
  const query = useInfiniteQuery({
    queryKey,
    initialPageParam: null as Place | null,
    queryFn: async ({ pageParam, signal }) => {
      const whole = pageParam?.filter ?? wholeFilter(filter, time);
      const page = await pageRequests(client, { filter: whole, limit: PAGE_SIZE, sort: apiSort(sorting), ...(pageParam?.cursor && { cursor: pageParam.cursor }) }, signal);
      return { ...page, filter: whole };
    },
    getNextPageParam: (last): Place | undefined => (last.cursor === null ? undefined : { cursor: last.cursor, filter: last.filter }),
    refetchOnWindowFocus: false,
    gcTime: 60_000,
    placeholderData: keepPreviousData,
  });
  const rows = useMemo(() => uniqueRows(query.data?.pages ?? []), [query.data]);
  /** Puts new rows at the beginning. */
  const prepend = useCallback(
    (arrived: HeliconeRequest[]) => {
      queries.setQueryData<typeof query.data>(queryKey, (old) => {
        const [first, ...others] = old?.pages ?? [];
        return old && first ? { ...old, pages: [{ ...first, data: [...arrived, ...first.data] }, ...others] } : old;
      });
    },
    // The type of the data is all that is taken from the query.
    // oxlint-disable-next-line react/exhaustive-deps
    [queries, queryKey],
  );
  /** Puts what is known anew in the place of what was. */
  const renew = useCallback(
    (known: HeliconeRequest[]) => {
      queries.setQueryData<typeof query.data>(queryKey, (old) => {
        if (old === undefined) return old;
        const pages = old.pages.map((page) => {
          const data = renewed(page.data, known);
          return data === page.data ? page : { ...page, data };
        });
        return pages.every((page, index) => page === old.pages[index]) ? old : { ...old, pages };
      });
    },
    // oxlint-disable-next-line react/exhaustive-deps
    [queries, queryKey],
  );
  /** Reads the first page anew and forgets the others. */
  const reload = useCallback(() => {
    queries.setQueryData<typeof query.data>(queryKey, (old) => old && { pages: old.pages.slice(0, 1), pageParams: old.pageParams.slice(0, 1) });
    void queries.refetchQueries({ queryKey, exact: true });
    // oxlint-disable-next-line react/exhaustive-deps
  }, [queries, queryKey]);
  return { query, rows, prepend, renew, reload };
}

/** Counts the requests of all pages. */
export function useRequestTotal({ filter, time }: Omit<Listing, "sorting">, live: boolean) {
  const client = useClient();
  return useQuery({
    queryKey: ["request-total", filter, time],
    queryFn: ({ signal }) => countNow(client, filter, time, signal),
    refetchInterval: live && isOpenEnded(time) ? TOTAL_EVERY_MS : false,
    placeholderData: keepPreviousData,
  });
}

function countNow(client: Parameters<typeof countRequests>[0], filter: FilterNode, time: TimeRange, signal: AbortSignal): Promise<number> {
  return countRequests(client, wholeFilter(filter, time), signal);
}

/** Returns the filter with the range of time in it, as of now; a range that goes on to now has no end. */
export function wholeFilter(filter: FilterNode, time: TimeRange): FilterNode {
  const { startMs, endMs } = resolveTimeRange(time, Date.now());
  return allOf([filter, between(startMs, isOpenEnded(time) ? null : endMs)]);
}

function uniqueRows(pages: readonly Page<HeliconeRequest[]>[]): HeliconeRequest[] {
  const rows = new Map<string, HeliconeRequest>();
  for (const { data } of pages) for (const row of data) if (!rows.has(row.request_id)) rows.set(row.request_id, row);
  return [...rows.values()];
}
