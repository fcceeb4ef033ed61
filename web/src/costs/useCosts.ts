import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { summarizeCosts, type CostGrouping } from "../api/costs";
import { useClient } from "../session/ClientContext";
import { withinTime } from "../tables/within";
import type { TimeRange } from "../time/range";

/** Adds up what the calls of a time cost. */
export function useCosts(time: TimeRange, groupBy: readonly CostGrouping[]) {
  const client = useClient();
  return useQuery({
    queryKey: ["costs", time, groupBy],
    queryFn: ({ signal }) => summarizeCosts(client, withinTime("all", time), groupBy, signal),
    placeholderData: keepPreviousData,
  });
}
