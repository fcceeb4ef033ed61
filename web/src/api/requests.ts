import type { ApiClient } from "./client";
import type { FilterNode, HeliconeRequest, RequestQuery } from "./types";

export function queryRequests(client: ApiClient, query: RequestQuery, signal?: AbortSignal): Promise<HeliconeRequest[]> {
  return client.post("/v1/request/query-clickhouse", query, signal);
}

export function countRequests(client: ApiClient, filter: FilterNode, signal?: AbortSignal): Promise<number> {
  return client.post("/v1/request/count/query", { filter }, signal);
}

export function getRequest(client: ApiClient, requestId: string, signal?: AbortSignal): Promise<HeliconeRequest> {
  return client.get(`/v1/request/${encodeURIComponent(requestId)}?includeBody=true`, signal);
}
