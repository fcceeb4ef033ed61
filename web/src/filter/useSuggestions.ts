import { groupOf, type GroupBy } from "../metrics/query";
import { useMetrics } from "../metrics/useMetrics";
import type { Field } from "./fields";

const MOST = 100;
/** Values of the last month are suggested, whatever time a page is about. */
const RECENT = { range: "30d" } as const;

export interface Suggestion {
  value: string;
  requests: number;
}

/** Reads the values that a field had of late, the commonest first. */
export function useSuggestions(field: Field, key: string | undefined): Suggestion[] {
  const group = groupFor(field, key);
  return useGroups(group);
}

/** Reads the keys of a map that were used of late: the names of properties, of scores. */
export function useKeySuggestions(field: Field): Suggestion[] {
  return useGroups(field.isMap ? (field.column === "scores" ? "scoreName" : "propertyName") : null);
}

function useGroups(group: GroupBy | null): Suggestion[] {
  const query = useMetrics(
    { time: RECENT, groupBy: group === null ? [] : [group], measures: ["requests"], sort: [{ by: "requests", direction: "desc" }], limit: MOST },
    { enabled: group !== null },
  );
  if (group === null || query.isPlaceholderData) return [];
  const name = typeof group === "string" ? group : "property";
  const rows = query.data?.rows ?? [];
  return rows.map((row) => ({ value: groupOf(row, name), requests: Number(row["requests"] ?? 0) })).filter(({ value }) => value !== "");
}

function groupFor(field: Field, key: string | undefined): GroupBy | null {
  if (field.suggests !== undefined) return field.suggests;
  return field.column === "properties" && key ? { property: key } : null;
}
