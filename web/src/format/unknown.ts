import type { RequestPart } from "../api/types";

/** What the dashboard shows of a figure: its text, or why there is none. Unknown is never shown as zero. */
export type Figure = { known: true; text: string } | { known: false; reason: string };

export function known(text: string): Figure {
  return { known: true, text };
}

export function unknown(reason: string): Figure {
  return { known: false, reason };
}

const COST_REASONS: Record<string, string> = {
  no_price: "no price is known for this model",
  extra_charges: "the provider also charges for tools that it ran, such as a web search",
  partial_price: "a part of what was used has no known price",
  no_model: "the call names no model",
  no_usage: "the provider reported no usage",
  error_status: "the provider answered with an error",
};

/** Says why a request has no cost, from its `cost_status`. */
export function explainCost(status: string | null | undefined): string {
  if (!status || status === "priced") return "the cost could not be determined";
  return COST_REASONS[status] ?? status.replaceAll("_", " ");
}

/** Says why a request has no token counts. */
export function explainTokens(request: RequestPart<"usage_source" | "outcome">): string {
  if (request.outcome === "refused") return "the call was refused before it reached the provider";
  if (request.usage_source === "provider") return "the provider did not report this count";
  return "the provider reported no usage";
}

/** Says why a request has no time to first token. */
export function explainFirstToken(request: RequestPart<"outcome" | "is_stream">): string {
  if (request.outcome === "refused") return "the call was refused before it reached the provider";
  return request.is_stream === false ? "the response was not a stream" : "no token arrived";
}
