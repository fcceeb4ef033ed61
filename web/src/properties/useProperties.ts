import { useQuery } from "@tanstack/react-query";
import { listProperties } from "../api/properties";
import { useClient } from "../session/ClientContext";

/** Reads the names of properties, those of the gateway itself left out. */
export function useProperties(): string[] {
  const client = useClient();
  const query = useQuery({ queryKey: ["properties", "names"], queryFn: ({ signal }) => listProperties(client, signal), staleTime: 10_000 });
  return (query.data ?? []).filter((name) => !name.toLowerCase().startsWith("helicone-"));
}
