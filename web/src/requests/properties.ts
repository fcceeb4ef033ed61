import type { RequestPart } from "../api/types";

export interface SessionOfRequest {
  /** The property that carries the session's id, spelt as it is stored. */
  idKey: string | null;
  id: string | null;
  name: string | null;
  path: string | null;
}

type WithProperties = RequestPart<"properties" | "request_properties">;

/** Returns the properties the caller set, without those that the gateway's own headers left. */
export function ownProperties(request: WithProperties): [string, string][] {
  return Object.entries(all(request)).filter(([key]) => !key.toLowerCase().startsWith("helicone-"));
}

/** Returns the session a request belongs to; it travels as properties. */
export function sessionOf(request: WithProperties): SessionOfRequest {
  const properties = Object.entries(all(request));
  const find = (name: string) => properties.find(([key]) => key.toLowerCase() === name) ?? [null, null];
  const [idKey, id] = find("helicone-session-id");
  return {
    idKey,
    id,
    name: find("helicone-session-name")[1],
    path: find("helicone-session-path")[1],
  };
}

function all(request: WithProperties): Record<string, string> {
  return request.properties ?? request.request_properties ?? {};
}
