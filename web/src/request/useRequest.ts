import { queryOptions, useQuery } from "@tanstack/react-query";
import type { ApiClient } from "../api/client";
import { getRequest } from "../api/requests";
import { useClient } from "../session/ClientContext";

/** Reads everything that is known of one request. Nothing of another one stands in for it until then. */
export function useRequest(requestId: string) {
  return useQuery(requestQuery(useClient(), requestId));
}

export function requestQuery(client: ApiClient, requestId: string) {
  return queryOptions({
    queryKey: ["request", requestId],
    queryFn: ({ signal }) => getRequest(client, requestId, signal),
    refetchOnWindowFocus: false,
    staleTime: 10_000,
  });
}
