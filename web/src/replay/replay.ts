/** A request that is sent again with another body. */
import type { HeliconeRequest, Json } from "../api/types";
import { curlOf, type CurlKeys } from "../body/curl";

/** What the call is paid with: the provider's own key beside one of ours, or a proxy key that stands for both. */
export type ReplayKey = "provider" | "proxy";

/** Returns a body as it is edited: JSON in lines, anything else as it is. */
export function bodyTextOf(body: Json): string {
  if (body === null) return "";
  return typeof body === "string" ? body : JSON.stringify(body, null, 2);
}

/** Says what is wrong with an edited body; only what was JSON must still be JSON. */
export function checkBody(text: string, original: Json): string | null {
  if (typeof original === "string" || original === null) return null;
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return `This is no JSON any more: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Returns the body to send in the place of the logged one; undefined when nothing was changed, so that it goes byte for byte. */
export function changedBody(text: string, original: Json): string | undefined {
  return text === bodyTextOf(original) ? undefined : text;
}

/** Returns the command that sends a request again. */
export function replayCommand(request: HeliconeRequest, { gateway, body, key }: { gateway: string; body: string; key: ReplayKey }): string {
  const keys: CurlKeys = key === "proxy" ? "proxy" : "provider";
  return curlOf({ ...request, request_body: compactBody(body, request.request_body) }, gateway, keys) ?? "";
}

/** JSON goes on one line, as it came; what is not JSON is sent as it was typed. */
function compactBody(text: string, original: Json): Json {
  if (typeof original === "string" || original === null) return text;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
