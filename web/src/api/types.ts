/**
 * The shapes the dashboard reads from and sends to the REST API.
 * Every field of a request may be missing: unknown is null, never zero.
 */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export type Outcome = "complete" | "upstream_cut" | "client_gone" | "timed_out" | "refused" | "failed";

/** What the log keeps of a body: all of it, its beginning, nothing by choice, or nothing because there was nothing. */
export type BodyState = "stored" | "truncated" | "omitted" | "empty";

export interface HeliconeRequest {
  request_id: string;
  request_created_at: string;
  request_body?: Json;
  request_path?: string | null;
  request_user_id?: string | null;
  request_properties?: Record<string, string> | null;
  request_model?: string | null;
  model_override?: string | null;
  response_model?: string | null;
  model?: string | null;
  provider?: string | null;
  target_url?: string | null;
  response_id?: string | null;
  response_created_at?: string | null;
  response_body?: Json;
  /** HTTP status, or synthetic: -2 timed out, -3 cancelled by the client. */
  response_status?: number | null;
  /** Whole call, milliseconds. */
  delay_ms?: number | null;
  /** Milliseconds from the start of the call. */
  time_to_first_token?: number | null;
  prompt_tokens?: number | null;
  completion_tokens?: number | null;
  total_tokens?: number | null;
  reasoning_tokens?: number | null;
  prompt_cache_read_tokens?: number | null;
  prompt_cache_write_tokens?: number | null;
  prompt_audio_tokens?: number | null;
  completion_audio_tokens?: number | null;
  /** US dollars. */
  cost?: number | null;
  costUSD?: number | null;
  properties?: Record<string, string> | null;
  scores?: Record<string, number> | null;
  country_code?: string | null;
  cache_enabled?: boolean | null;
  updated_at?: string | null;
  outcome?: Outcome | null;
  /** Billionths of a US dollar. */
  cost_nano_usd?: number | null;
  /** `priced`, or why there is no cost. */
  cost_status?: string | null;
  usage_source?: string | null;
  attempt_count?: number | null;
  connect_ms?: number | null;
  ttfb_ms?: number | null;
  request_bytes?: number | null;
  response_bytes?: number | null;
  request_body_state?: BodyState | null;
  response_body_state?: BodyState | null;
  method?: string | null;
  error_type?: string | null;
}

export type NumberCondition = Partial<Record<"equals" | "not-equals" | "gte" | "lte" | "gt" | "lt", number>>;
export type TextCondition = Partial<
  Record<"equals" | "not-equals" | "like" | "ilike" | "contains" | "not-contains", string>
>;
export type TimeCondition = Partial<Record<"gte" | "lte", string>>;

/** One condition on one column of the request log. */
export type RequestColumns =
  | { request_id: TextCondition }
  | { model: TextCondition }
  | { provider: TextCondition }
  | { user_id: TextCondition }
  | { status: NumberCondition }
  | { request_created_at: TimeCondition }
  | { properties: Record<string, TextCondition> };

export type FilterNode =
  | "all"
  | { left: FilterNode; operator: "and" | "or"; right: FilterNode }
  | { request_response_rmt: RequestColumns };

export interface RequestQuery {
  filter: FilterNode;
  offset?: number;
  limit?: number;
  sort?: { created_at: "asc" | "desc" };
}

/** Every answer of the API: exactly one of the two is set. */
export interface Envelope<T> {
  data: T | null;
  error: string | null;
}
