/** The vault: keys of providers, and the proxy keys that stand in their place. */
import type { ApiClient } from "./client";
import type { CreatedProxyKey, ProviderKey, ProxyKey } from "./types";

export interface WantedProviderKey {
  providerName: string;
  providerKeyName: string;
  providerKey: string;
  providerSecretKey?: string;
  /** The only hosts that it may be sent to; without any, those of its provider. */
  hosts?: string[];
}

/** How much may be used through a proxy key in any window of a length; exactly one of the three. */
export type WantedLimit = { window_seconds: number } & ({ cost: string } | { requests: number } | { tokens: number });

export interface WantedProxyKey {
  providerKeyId: string;
  proxyKeyName: string;
  limits: WantedLimit[];
  /** ISO 8601; a key without it does not expire. */
  expires_at?: string | undefined;
}

const providerKeyAt = (id: string) => `/v1/api-keys/provider-key/${encodeURIComponent(id)}`;

export function listProviderKeys(client: ApiClient, signal?: AbortSignal): Promise<ProviderKey[]> {
  return client.get("/v1/api-keys/provider-keys", signal);
}

export function addProviderKey(client: ApiClient, wanted: WantedProviderKey): Promise<{ id: string }> {
  return client.post("/v1/api-keys/provider-key", wanted);
}

export function switchProviderKey(client: ApiClient, id: string, active: boolean): Promise<void> {
  return client.patch(providerKeyAt(id), { active });
}

export function removeProviderKey(client: ApiClient, id: string): Promise<void> {
  return client.delete(providerKeyAt(id));
}

export function listProxyKeys(client: ApiClient, signal?: AbortSignal): Promise<ProxyKey[]> {
  return client.get("/v1/api-keys/proxy-keys", signal);
}

/** Makes a proxy key; the answer holds the only copy of it. */
export function createProxyKey(client: ApiClient, wanted: WantedProxyKey): Promise<CreatedProxyKey> {
  return client.post("/v1/api-keys/proxy-key", wanted);
}

export function revokeProxyKey(client: ApiClient, id: string): Promise<void> {
  return client.delete(`/v1/api-keys/proxy-key/${encodeURIComponent(id)}`);
}
