import type { ApiClient } from "./client";
import type { FilterNode } from "./types";

export interface SavedFilter {
  id: string;
  name: string;
  filter: FilterNode;
}

/** Reads the filters that the organisation keeps. */
export function listFilters(client: ApiClient, signal?: AbortSignal): Promise<SavedFilter[]> {
  return client.get("/v1/filter", signal);
}

export function saveFilter(client: ApiClient, filter: { name: string; filter: FilterNode }): Promise<SavedFilter> {
  return client.post("/v1/filter", filter);
}

export function removeFilter(client: ApiClient, id: string): Promise<void> {
  return client.delete(`/v1/filter/${encodeURIComponent(id)}`);
}
