import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { FilterNode } from "../api/types";
import { useClient } from "../session/ClientContext";
import { incrementFor, type Increment } from "../time/increments";
import { intervalBefore, isOpenEnded, resolveTimeRange, type TimeRange } from "../time/range";
import { timeFilterOf, type GroupBy, type Metrics, type MetricsQuery, type TimedMetrics } from "./query";

const LIVE_EVERY_MS = 5000;
/** What several parts of a page ask for at once is asked once. */
const FRESH_MS = 500;

export interface MetricsQuestion extends Omit<MetricsQuery, "filter" | "timeFilter" | "timeZoneDifference" | "groupBy"> {
  filter?: FilterNode;
  time: TimeRange;
  groupBy?: GroupBy[];
  /** Cuts the range of time into pieces of the fitting length, beside `groupBy`. */
  overTime?: boolean;
  /** Asks for the interval of the same length just before; all time has none, and no rows. */
  before?: boolean;
}

interface MetricsOptions {
  /** Asks again every few seconds while the range goes on to now and the tab is in sight. */
  live?: boolean;
  enabled?: boolean;
}

export type MetricsAnswer = TimedMetrics & { increment: Increment };

/** Reads figures; the one before stays in place while another range or filter is read. */
export function useMetrics({ filter = "all", time, groupBy = [], overTime = false, before = false, ...rest }: MetricsQuestion, options: MetricsOptions = {}) {
  const client = useClient();
  const { live = false, enabled = true } = options;
  return useQuery<MetricsAnswer>({
    queryKey: ["metrics", filter, time, groupBy, overTime, before, rest],
    queryFn: async ({ signal }) => {
      const asked = resolveTimeRange(time, Date.now());
      const interval = before ? intervalBefore(asked) : asked;
      const increment = incrementFor(asked);
      if (interval === null) return { rows: [], total: 0, interval: asked, increment };
      const query: MetricsQuery = {
        filter,
        timeFilter: timeFilterOf(interval),
        groupBy: overTime ? [{ time: increment }, ...groupBy] : groupBy,
        timeZoneDifference: new Date().getTimezoneOffset(),
        ...(overTime && { limit: 10_000 }),
        ...rest,
      };
      const metrics = await client.post<Metrics>("/v1/metrics/query", query, signal);
      return { ...metrics, interval, increment };
    },
    refetchInterval: live && isOpenEnded(time) ? LIVE_EVERY_MS : false,
    placeholderData: keepPreviousData,
    staleTime: FRESH_MS,
    enabled,
  });
}
