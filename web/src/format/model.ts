import type { RequestPart } from "../api/types";

/** Returns the model a request is filed under; rows say nothing with an empty text. */
export function modelOf(request: RequestPart<"model" | "response_model" | "request_model">): string | null {
  return request.model || request.response_model || request.request_model || null;
}
