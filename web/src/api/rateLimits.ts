/** The rules that limit an organisation's calls. */
import type { ApiClient } from "./client";
import type { RateLimit } from "./types";

export interface WantedRateLimit {
  name: string;
  policy: string;
  /** Null limits the calls of all keys. */
  key_id: string | null;
}

const at = (id: string) => `/v1/rate-limits/${encodeURIComponent(id)}`;

export function listRateLimits(client: ApiClient, signal?: AbortSignal): Promise<RateLimit[]> {
  return client.get("/v1/rate-limits", signal);
}

export function createRateLimit(client: ApiClient, wanted: WantedRateLimit): Promise<RateLimit> {
  return client.post("/v1/rate-limits", wanted);
}

export function enableRateLimit(client: ApiClient, id: string, isEnabled: boolean): Promise<void> {
  return client.patch(at(id), { is_enabled: isEnabled });
}

export function removeRateLimit(client: ApiClient, id: string): Promise<void> {
  return client.delete(at(id));
}
