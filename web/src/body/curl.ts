import type { Json, RequestPart } from "../api/types";
import { binaryOf } from "./classify";

type Replayable = RequestPart<
  "method" | "request_path" | "target_url" | "request_body" | "request_body_state" | "request_user_id"
>;

/** By what a call is let in and paid: a key of ours beside the provider's, or a proxy key where the provider's would stand. */
export type CurlKeys = "provider" | "proxy";

/** The gateway of a default installation: the dashboard's host, port 8787. */
export function guessGateway(location: Pick<Location, "protocol" | "hostname">): string {
  return `${location.protocol}//${location.hostname}:8787`;
}

/**
 * Returns a shell command that sends the call again through the gateway, or null when the stored body is not the whole body or not text.
 * Keys are never stored, so they stand as environment variables.
 */
export function curlOf(request: Replayable, gateway: string, keys: CurlKeys = "provider"): string | null {
  if (request.request_body_state === "truncated" || request.request_body_state === "omitted") return null;
  if (binaryOf(request.request_body) !== null) return null;
  const { origin, path } = destination(request);
  const method = request.method || (hasBody(request) ? "POST" : "GET");
  const lines = [`curl -X ${method} ${quote(gateway + path)}`];
  if (keys === "provider") lines.push('-H "Helicone-Auth: Bearer $GATEHOUSE_API_KEY"');
  if (origin) lines.push(`-H ${quote(`Helicone-Target-Url: ${origin}`)}`);
  lines.push(`-H "Authorization: Bearer ${keys === "provider" ? "$PROVIDER_API_KEY" : "$GATEHOUSE_PROXY_KEY"}"`);
  if (request.request_user_id) lines.push(`-H ${quote(`Helicone-User-Id: ${request.request_user_id}`)}`);
  if (hasBody(request)) {
    if (typeof request.request_body !== "string") lines.push("-H 'Content-Type: application/json'");
    lines.push(`--data-raw ${quote(bodyText(request.request_body))}`);
  }
  return lines.join(" \\\n  ");
}

/** Returns the command that teaches the first call; `key` is a Gatehouse key, or the name of its variable, `headers` are sent too. */
export function firstCall(gateway: string, key = "$GATEHOUSE_API_KEY", headers: readonly string[] = []): string {
  const body = '{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Say hello"}]}';
  return [
    `curl ${gateway}/v1/chat/completions`,
    `-H "Helicone-Auth: Bearer ${key}"`,
    '-H "Helicone-Target-Url: https://api.openai.com"',
    '-H "Authorization: Bearer $OPENAI_API_KEY"',
    '-H "Content-Type: application/json"',
    ...headers.map((header) => `-H "${header}"`),
    `-d ${quote(body)}`,
  ].join(" \\\n  ");
}

/** Quotes text as one word of a POSIX shell. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The target's origin and the path with its query, from whichever of the two fields names them. */
function destination(request: Replayable): { origin: string | null; path: string } {
  const target = parseUrl(request.target_url) ?? parseUrl(request.request_path);
  const path = request.request_path;
  if (path?.startsWith("/")) return { origin: target?.origin ?? null, path };
  const whole = parseUrl(path) ?? target;
  return { origin: target?.origin ?? null, path: whole ? whole.pathname + whole.search : "/" };
}

function parseUrl(text: string | null | undefined): URL | null {
  return text && URL.canParse(text) ? new URL(text) : null;
}

function hasBody(request: Replayable): boolean {
  const body = request.request_body;
  return body !== null && body !== undefined && body !== "" && request.request_body_state !== "empty";
}

function bodyText(body: Json | undefined): string {
  return typeof body === "string" ? body : JSON.stringify(body);
}
