import { useState } from "react";
import type { HeliconeRequest } from "../api/types";

interface FirstRows {
  listKey: string;
  ids: ReadonlySet<string>;
}

/**
 * Returns a test for rows that arrived after the list was first shown, so that only those are pointed out.
 * A change of `listKey` is another list: its first rows did not arrive, they were there.
 */
export function useArrivals(rows: HeliconeRequest[], listKey: string): (requestId: string) => boolean {
  const [first, setFirst] = useState<FirstRows>(() => firstRows(rows, listKey));
  if (first.listKey !== listKey) setFirst(firstRows(rows, listKey));
  return (requestId) => first.listKey === listKey && !first.ids.has(requestId);
}

function firstRows(rows: HeliconeRequest[], listKey: string): FirstRows {
  return { listKey, ids: new Set(rows.map((row) => row.request_id)) };
}
