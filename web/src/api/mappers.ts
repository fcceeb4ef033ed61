/** How calls of APIs are read that no reader knows, and what is decided about that. */
import type { ApiClient } from "./client";
import type { Mapper, MapperDetail, MappingChoice } from "./types";

const at = (id: string) => `/v1/mappers/${encodeURIComponent(id)}`;

export function listMappers(client: ApiClient, signal?: AbortSignal): Promise<Mapper[]> {
  return client.get("/v1/mappers", signal);
}

export function getMapper(client: ApiClient, id: string, signal?: AbortSignal): Promise<MapperDetail> {
  return client.get(at(id), signal);
}

/** Has a mapping inferred of the newest calls next. */
export function inferMapping(client: ApiClient, id: string): Promise<void> {
  return client.order(`${at(id)}/infer`);
}

/** Puts a mapping in force: a version as it is, but for the fields that were chosen. */
export function approveMapping(client: ApiClient, id: string, version: number, choices: MappingChoice[]): Promise<MapperDetail> {
  return client.post(`${at(id)}/approve`, { version, choices });
}

export function declineMapping(client: ApiClient, id: string, version: number): Promise<MapperDetail> {
  return client.post(`${at(id)}/decline`, { version });
}

export function rollBackMapping(client: ApiClient, id: string, version: number): Promise<MapperDetail> {
  return client.post(`${at(id)}/rollback`, { version });
}

export function removeMapper(client: ApiClient, id: string): Promise<void> {
  return client.delete(at(id));
}
