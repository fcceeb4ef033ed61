import type { HeliconeRequest, Mapper } from "../api/types";

type Call = Pick<HeliconeRequest, "usage_source" | "usage_hint" | "target_url" | "request_path" | "method" | "response_status">;

/** Whether a mapper may have to do with a call: nothing was counted, and nobody says how to have it counted. */
export function maybeUnmapped({ usage_source: source, usage_hint: hint, response_status: status }: Pick<Call, "usage_source" | "usage_hint" | "response_status">): boolean {
  return source === "none" && !hint && status >= 200 && status < 300;
}

/** Returns the mapper of a call's host, method and path. */
export function mapperOf<Of extends Pick<Mapper, "host" | "method" | "path">>({ target_url: url, request_path: path, method }: Pick<Call, "target_url" | "request_path" | "method">, mappers: readonly Of[]): Of | undefined {
  const host = URL.canParse(url) ? new URL(url).hostname.toLowerCase() : "";
  const segments = segmentsOf(path);
  return mappers.find((mapper) => mapper.host === host && mapper.method === method && fits(segmentsOf(mapper.path), segments));
}

const PENDING = ["PENDING_CREATION", "IN_PROGRESS", "PENDING_APPROVAL"];

/** Returns the mapper that a call waits for. */
export function pendingMapper<Of extends Pick<Mapper, "host" | "method" | "path" | "status">>(call: Call, mappers: readonly Of[]): Of | undefined {
  const mapper = maybeUnmapped(call) ? mapperOf(call, mappers) : undefined;
  return mapper && PENDING.includes(mapper.status) ? mapper : undefined;
}

/** A segment that differs from call to call. */
const VARIABLE = ":p";

function fits(template: string[], segments: string[]): boolean {
  return template.length === segments.length && template.every((part, index) => part === VARIABLE || part === segments[index]);
}

function segmentsOf(path: string): string[] {
  return (path.split(/[?#]/)[0] ?? "").split("/").filter(Boolean);
}
