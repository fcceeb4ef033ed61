import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { getRequest } from "../api/requests";
import { useClient } from "../session/ClientContext";

/** Reads everything that is known of one request; the one before stays in sight until then. */
export function useRequest(requestId: string) {
  const client = useClient();
  return useQuery({
    queryKey: ["request", requestId],
    queryFn: ({ signal }) => getRequest(client, requestId, signal),
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: false,
    staleTime: 10_000,
  });
}
