import { useQuery } from "@tanstack/react-query";
import { listKeys } from "../api/control";
import type { ApiKey } from "../api/types";
import { useClient } from "../session/ClientContext";
import { mayManage } from "../session/mayManage";
import { useCaller } from "../session/useCaller";

const NO_NAMES: ReadonlyMap<string, string> = new Map();

/** Returns what keys are called, by id; empty until it is known, and for who may not see keys. */
export function useKeyNames(isNeeded = true): ReadonlyMap<string, string> {
  const client = useClient();
  const caller = useCaller();
  const query = useQuery({
    queryKey: ["keys"],
    queryFn: ({ signal }) => listKeys(client, signal),
    enabled: isNeeded && caller.data !== undefined && mayManage(caller.data),
    select: namesOf,
  });
  return query.data ?? NO_NAMES;
}

function namesOf(keys: readonly ApiKey[]): ReadonlyMap<string, string> {
  return new Map(keys.map((key) => [key.id, key.api_key_name]));
}
