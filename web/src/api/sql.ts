/** Questions in SQL. */
import type { SqlResult } from "../sql/result";
import type { ApiClient } from "./client";

export interface SqlTable {
  table_name: string;
  columns: { name: string; type: string; comment?: string | null }[];
}

export interface SavedQuery {
  id: string;
  name: string;
  sql: string;
  created_at: string;
  updated_at: string;
}

const savedAt = (id: string) => `/v1/helicone-sql/saved-query/${encodeURIComponent(id)}`;

export function getSqlSchema(client: ApiClient, signal?: AbortSignal): Promise<SqlTable[]> {
  return client.get("/v1/helicone-sql/schema", signal);
}

export function executeSql(client: ApiClient, sql: string, signal?: AbortSignal): Promise<SqlResult> {
  return client.post("/v1/helicone-sql/execute", { sql }, signal);
}

/** Returns the whole answer as CSV. */
export function downloadSql(client: ApiClient, sql: string): Promise<string> {
  return client.post("/v1/helicone-sql/download", { sql });
}

export function listSavedQueries(client: ApiClient, signal?: AbortSignal): Promise<SavedQuery[]> {
  return client.get("/v1/helicone-sql/saved-queries", signal);
}

/** Keeps a query, or replaces the one of that id. */
export function saveQuery(client: ApiClient, id: string | null, name: string, sql: string): Promise<SavedQuery> {
  return id === null ? client.post("/v1/helicone-sql/saved-query", { name, sql }) : client.put(savedAt(id), { name, sql });
}

export function removeSavedQuery(client: ApiClient, id: string): Promise<void> {
  return client.delete(savedAt(id));
}
