import type { HeliconeRequest } from "../api/types";

export interface SessionOfRequest {
  id: string | null;
  name: string | null;
  path: string | null;
}

type WithProperties = Pick<HeliconeRequest, "properties" | "request_properties">;

/** Returns the properties the caller set, without those that the gateway's own headers left. */
export function ownProperties(request: WithProperties): [string, string][] {
  return Object.entries(all(request)).filter(([key]) => !key.toLowerCase().startsWith("helicone-"));
}

/** Returns the session a request belongs to; it travels as properties. */
export function sessionOf(request: WithProperties): SessionOfRequest {
  const named = new Map(Object.entries(all(request)).map(([key, value]) => [key.toLowerCase(), value]));
  return {
    id: named.get("helicone-session-id") ?? null,
    name: named.get("helicone-session-name") ?? null,
    path: named.get("helicone-session-path") ?? null,
  };
}

function all(request: WithProperties): Record<string, string> {
  return request.properties ?? request.request_properties ?? {};
}
