import { useCallback, useMemo } from "react";
import type { FilterNode } from "../api/types";
import { useAddress } from "../address/useAddress";
import { readFilter, writeFilter } from "./address";

/** Returns the filter in the address bar and a function that sets it. */
export function useFilter(): [FilterNode, (filter: FilterNode) => void] {
  const [address, change] = useAddress();
  const text = JSON.stringify([address["filter"], address["status"], address["cache"], address["model"], address["provider"], address["user"], address["request"], address["property"]]);
  const filter = useMemo(() => {
    const [json, status, cache, model, provider, user, request, property] = JSON.parse(text) as (string | string[] | null)[];
    const plain = { filter: json, status, cache, model, provider, user, request, property };
    return readFilter(Object.fromEntries(Object.entries(plain).map(([name, value]) => [name, value ?? undefined])));
  }, [text]);
  const set = useCallback((next: FilterNode) => change(writeFilter(next)), [change]);
  return [filter, set];
}
