import type { HeliconeRequest } from "../api/types";

type Handled = Pick<HeliconeRequest, "cache" | "rate_limit" | "fallback_index" | "attempts" | "guards" | "source" | "usage_hint">;

/** The hint of the API on calls that no reader knows. */
export const PENDING_MAPPING = "Model is pending mapping";

export interface HandledTag {
  text: string;
  meaning: string;
}

/** Says in a word each what the gateway did with a call beside passing it on, and what its counts wait for. */
export function handledTags(request: Handled): HandledTag[] {
  const tags: HandledTag[] = [];
  if (request.usage_hint === PENDING_MAPPING) tags.push({ text: "pending mapping", meaning: "Nobody wrote a reader for this API: its text and counts are read once a mapping is in force" });
  if (request.cache?.status === "hit") tags.push({ text: "cached", meaning: "The answer came from the cache" });
  if (request.rate_limit?.status === "refused") tags.push({ text: "limited", meaning: "A rate limit refused the call" });
  if (request.guards.some((guard) => guard.is_denied)) tags.push({ text: "guarded", meaning: "A guard refused the call" });
  if (request.fallback_index !== null && request.fallback_index > 0) tags.push({ text: "fallback", meaning: `Target ${request.fallback_index + 1} of the fallbacks answered` });
  else if (request.attempts.length > 1) tags.push({ text: "retried", meaning: `A provider was asked ${request.attempts.length} times` });
  if (request.source !== "gateway") tags.push({ text: "logged", meaning: "The application logged this call itself" });
  return tags;
}
