import type { Conversation } from "../conversation/types";
import type { ApiClient } from "./client";
import type { CacheStats, FilterNode, HeliconeRequest, PromptInputs, RequestQuery } from "./types";

export function queryRequests(client: ApiClient, query: RequestQuery, signal?: AbortSignal): Promise<HeliconeRequest[]> {
  return client.post("/v1/request/query-clickhouse", query, signal);
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

/** Reads what the cache did since the instant `from`, or ever. */
export function getCacheStats(client: ApiClient, from: string | null, signal?: AbortSignal): Promise<CacheStats> {
  return client.get(`/v1/cache/stats${from === null ? "" : `?from=${encodeURIComponent(from)}`}`, signal);
}
