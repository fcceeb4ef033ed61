/** The properties that calls carry. */
import type { ApiClient } from "./client";

interface PropertyKey {
  property: string;
}

export async function listProperties(client: ApiClient, signal?: AbortSignal): Promise<string[]> {
  const keys = await client.post<PropertyKey[]>("/v1/property/query", {}, signal);
  return keys.map(({ property }) => property);
}

export async function listHiddenProperties(client: ApiClient, signal?: AbortSignal): Promise<string[]> {
  const keys = await client.post<PropertyKey[]>("/v1/property/hidden/query", {}, signal);
  return keys.map(({ property }) => property);
}

/** Takes a property off the lists; its calls keep it. */
export function hideProperty(client: ApiClient, key: string): Promise<void> {
  return client.send("/v1/property/hide", { key });
}

export function restoreProperty(client: ApiClient, key: string): Promise<void> {
  return client.send("/v1/property/restore", { key });
}
