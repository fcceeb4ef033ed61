import type { Conversation } from "../conversation/types";
import type { ApiClient, Page } from "./client";
import type { CacheStats, FilterNode, HeliconeRequest, PromptInputs, Replayed, RequestQuery } from "./types";

export function queryRequests(client: ApiClient, query: RequestQuery, signal?: AbortSignal): Promise<HeliconeRequest[]> {
  return client.post("/v1/request/query-clickhouse", query, signal);
}

/** Reads a page of requests, and where the next one begins. */
export function pageRequests(client: ApiClient, query: RequestQuery, signal?: AbortSignal): Promise<Page<HeliconeRequest[]>> {
  return client.postForPage("/v1/request/query-clickhouse", query, signal);
}

/** Follows the requests that fit a filter, as events. */
export function tailRequests(client: ApiClient, filter: FilterNode, signal: AbortSignal): Promise<Response> {
  const only = filter === "all" ? "" : `?filter=${encodeURIComponent(JSON.stringify(filter))}`;
  return client.open(`/v1/request/tail${only}`, { signal });
}

/** Searches what was said in requests, as events: how far it is, and what it found. */
export function searchRequests(client: ApiClient, search: { filter: FilterNode; query: string; limit: number }, signal: AbortSignal): Promise<Response> {
  return client.open("/v1/request/search", { body: search, signal });
}

export type ExportFormat = "jsonl" | "csv" | "parquet";

/** Has all requests that fit a filter written into a file. */
export function exportRequests(client: ApiClient, order: { filter: FilterNode; format: ExportFormat; includeBodies: boolean }, signal: AbortSignal): Promise<Response> {
  return client.open("/v1/request/export", { body: order, signal });
}

/** Says whether an answer was good. */
export function rateRequest(client: ApiClient, requestId: string, rating: boolean): Promise<void> {
  return client.send(`/v1/request/${encodeURIComponent(requestId)}/feedback`, { rating });
}

export function scoreRequest(client: ApiClient, requestId: string, scores: Record<string, number | boolean>): Promise<void> {
  return client.send(`/v1/request/${encodeURIComponent(requestId)}/score`, { scores });
}

export function setProperty(client: ApiClient, requestId: string, property: { key: string; value: string }): Promise<void> {
  return client.place(`/v1/request/${encodeURIComponent(requestId)}/property`, property);
}

/** Says whether a request is logged. */
export async function isLogged(client: ApiClient, requestId: string, signal?: AbortSignal): Promise<boolean> {
  const rows = await client.post<HeliconeRequest[]>("/v1/request/query-ids", { requestIds: [requestId] }, signal);
  return rows.length > 0;
}

/** Sends a request again through the gateway; without a body the logged one goes, byte for byte. */
export function replayRequest(client: ApiClient, requestId: string, order: { key: string; body?: string }): Promise<Replayed> {
  return client.post(`/v1/request/${encodeURIComponent(requestId)}/replay`, order);
}

export function countRequests(client: ApiClient, filter: FilterNode, signal?: AbortSignal): Promise<number> {
  return client.post("/v1/request/count/query", { filter }, signal);
}

export function getRequest(client: ApiClient, requestId: string, signal?: AbortSignal): Promise<HeliconeRequest> {
  return client.get(`/v1/request/${encodeURIComponent(requestId)}?includeBody=true`, signal);
}

/** Reads what was said in a call. */
export function getConversation(client: ApiClient, requestId: string, signal?: AbortSignal): Promise<Conversation> {
  return client.get(`/v1/request/${encodeURIComponent(requestId)}/conversation`, signal);
}

/** Reads what was filled into the prompt of a call that has one. */
export function getRequestInputs(client: ApiClient, requestId: string, signal?: AbortSignal): Promise<PromptInputs> {
  return client.get(`/v1/request/${encodeURIComponent(requestId)}/inputs`, signal);
}

/** Reads what the cache did between two instants; null is no end on that side. */
export function getCacheStats(client: ApiClient, from: string | null, to: string | null, signal?: AbortSignal): Promise<CacheStats> {
  const query = new URLSearchParams({ ...(from !== null && { from }), ...(to !== null && { to }) });
  return client.get(`/v1/cache/stats?${query.toString()}`, signal);
}
