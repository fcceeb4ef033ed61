import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { summarizeCosts, type CostGrouping } from "../api/costs";
import { buildFilter } from "../filter/ast";
import { formatSearch, type RequestSearch } from "../filter/search";
import { useClient } from "../session/ClientContext";

export type CostRange = Pick<RequestSearch, "range" | "from" | "to">;

/** Adds up what the calls of a time cost. */
export function useCosts(range: CostRange, groupBy: readonly CostGrouping[]) {
  const client = useClient();
  return useQuery({
    queryKey: ["costs", formatSearch(range), groupBy.join(" ")],
    queryFn: ({ signal }) => summarizeCosts(client, buildFilter(range, Date.now()), groupBy, signal),
    placeholderData: keepPreviousData,
  });
}
