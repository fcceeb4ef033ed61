import { useQuery } from "@tanstack/react-query";
import { listMappers } from "../api/mappers";
import type { HeliconeRequest, Mapper } from "../api/types";
import { useClient } from "../session/ClientContext";
import { maybeUnmapped } from "./pending";

const FRESH_MS = 10_000;

/** Reads the mappers if one of these calls may wait for one, or was read by one. */
export function useMappersOf(calls: readonly Pick<HeliconeRequest, "usage_source" | "usage_hint" | "response_status">[]): readonly Mapper[] {
  const client = useClient();
  const isAsked = calls.some((call) => maybeUnmapped(call) || call.usage_source === "mapped");
  const query = useQuery({ queryKey: ["mappers"], queryFn: ({ signal }) => listMappers(client, signal), enabled: isAsked, staleTime: FRESH_MS });
  return query.data ?? [];
}
