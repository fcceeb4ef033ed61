import { useEffect, useRef } from "react";
import type { HeliconeRequest } from "../api/types";

/**
 * Returns a test for rows that arrived after the list was first shown, so that only those are pointed out.
 * A change of `listKey` is another list: all its rows count as seen.
 */
export function useArrivals(rows: HeliconeRequest[] | undefined, listKey: string): (requestId: string) => boolean {
  const seen = useRef<{ listKey: string; ids: Set<string> } | null>(null);
  useEffect(() => {
    if (rows === undefined) return;
    if (seen.current?.listKey !== listKey) seen.current = { listKey, ids: new Set() };
    for (const row of rows) seen.current.ids.add(row.request_id);
  }, [rows, listKey]);
  return (requestId) => seen.current?.listKey === listKey && !seen.current.ids.has(requestId);
}
