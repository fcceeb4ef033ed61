/** What is managed beside the log: keys, domains, host rules; and who did what. */
import type { ApiClient } from "./client";
import type { ApiKey, AuditEntry, Caller, CreatedApiKey, Domain, HostRule, OrganizationDomain, Provider } from "./types";

export type Permissions = "rw" | "r" | "w";
export type DomainStatus = "pending" | "approved" | "rejected" | "withdrawn";
export type Effect = "allow" | "deny";

export interface WantedKey {
  api_key_name: string;
  key_permissions: Permissions;
  /** ISO 8601; a key without it does not expire. */
  expires_at?: string | undefined;
}

export interface WantedDomain {
  domain: string;
  kind: "personal" | "company";
  company?: string;
}

const at = (path: string, id: string) => `${path}/${encodeURIComponent(id)}`;

export function getCaller(client: ApiClient, signal?: AbortSignal): Promise<Caller> {
  return client.get("/v1/organization", signal);
}

export function listKeys(client: ApiClient, signal?: AbortSignal): Promise<ApiKey[]> {
  return client.get("/v1/api-keys", signal);
}

export function createKey(client: ApiClient, wanted: WantedKey): Promise<CreatedApiKey> {
  return client.post("/v1/api-keys", wanted);
}

export function renameKey(client: ApiClient, id: string, name: string): Promise<void> {
  return client.patch(at("/v1/api-keys", id), { api_key_name: name });
}

export function revokeKey(client: ApiClient, id: string): Promise<void> {
  return client.delete(at("/v1/api-keys", id));
}

export function listDomains(client: ApiClient, signal?: AbortSignal): Promise<Domain[]> {
  return client.get("/v1/domains", signal);
}

export function createDomain(client: ApiClient, wanted: WantedDomain): Promise<Domain> {
  return client.post("/v1/domains", wanted);
}

/** Looks the domain's TXT record up; the answer's `reason` says what was found. */
export function verifyDomain(client: ApiClient, id: string): Promise<Domain> {
  return client.post(`${at("/v1/domains", id)}/verify`, {});
}

export function removeDomain(client: ApiClient, id: string): Promise<void> {
  return client.delete(at("/v1/domains", id));
}

/** Lists the domains of all organisations; only for administrators. */
export function listAllDomains(client: ApiClient, status: DomainStatus | null, signal?: AbortSignal): Promise<OrganizationDomain[]> {
  return client.get(`/v1/admin/domains${status === null ? "" : `?status=${status}`}`, signal);
}

export function approveDomain(client: ApiClient, id: string): Promise<Domain> {
  return client.post(`${at("/v1/admin/domains", id)}/approve`, {});
}

export function rejectDomain(client: ApiClient, id: string, reason: string): Promise<Domain> {
  return client.post(`${at("/v1/admin/domains", id)}/reject`, reason ? { reason } : {});
}

export function listHostRules(client: ApiClient, signal?: AbortSignal): Promise<HostRule[]> {
  return client.get("/v1/host-rules", signal);
}

export function createHostRule(client: ApiClient, pattern: string, effect: Effect): Promise<HostRule> {
  return client.post("/v1/host-rules", { pattern, effect });
}

export function removeHostRule(client: ApiClient, id: string): Promise<void> {
  return client.delete(at("/v1/host-rules", id));
}

export function listProviders(client: ApiClient, signal?: AbortSignal): Promise<Provider[]> {
  return client.get("/v1/providers", signal);
}

/** Lists changes, newest first: at most `limit` of those older than the entry `before`. */
export function listAudit(client: ApiClient, limit: number, before: string | null, signal?: AbortSignal): Promise<AuditEntry[]> {
  const query = new URLSearchParams({ limit: String(limit), ...(before === null ? {} : { before }) });
  return client.get(`/v1/audit?${query.toString()}`, signal);
}
