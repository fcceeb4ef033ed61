import type { RequestPart } from "../api/types";

type Count = number | null | undefined;
type Input = RequestPart<"prompt_tokens" | "prompt_cache_read_tokens" | "prompt_cache_write_tokens" | "prompt_audio_tokens">;
type Output = RequestPart<"completion_tokens" | "reasoning_tokens" | "completion_audio_tokens">;

/** All tokens that went in. A row counts cached and audio tokens beside the plain ones. */
export function tokensIn(request: Input): number | null {
  return sumOf(request.prompt_tokens, [request.prompt_cache_read_tokens, request.prompt_cache_write_tokens, request.prompt_audio_tokens]);
}

/** All tokens that came out. A row counts reasoning and audio tokens beside the plain ones. */
export function tokensOut(request: Output): number | null {
  return sumOf(request.completion_tokens, [request.reasoning_tokens, request.completion_audio_tokens]);
}

/** A kind that was not reported is part of the plain count; without a plain count the sum is not known. */
function sumOf(plain: Count, others: Count[]): number | null {
  if (typeof plain !== "number") return null;
  return others.reduce<number>((sum, other) => sum + (other ?? 0), plain);
}
