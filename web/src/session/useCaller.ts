import { useQuery } from "@tanstack/react-query";
import { getCaller } from "../api/control";
import { useClient } from "./ClientContext";

/** Reads who is signed in: the organisation, the key, and what the key may do. */
export function useCaller() {
  const client = useClient();
  return useQuery({
    queryKey: ["organization"],
    queryFn: ({ signal }) => getCaller(client, signal),
    staleTime: 60_000,
  });
}
