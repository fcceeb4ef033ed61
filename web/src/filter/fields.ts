/** What filters can compare: the columns of the API's grammar, each with what it is called here. */
import type { NamedGroup } from "../metrics/query";
import { CALLS } from "./node";

export type FieldType = "text" | "number" | "time" | "boolean";

export interface Field {
  table: string;
  column: string;
  label: string;
  type: FieldType;
  /** The heading it is listed under. */
  section: string;
  /** Whether a key is named too: of a property, of a score. */
  isMap?: boolean;
  /** What stands behind numbers: "ms". */
  unit?: string;
  /** The only values it takes. */
  choices?: readonly string[];
  /** The group whose values are suggested. */
  suggests?: NamedGroup;
}

export const SESSIONS = "sessions_request_response_rmt";

const COST_STATUSES = ["priced", "cached", "declared", "no_price", "partial_price", "extra_charges", "no_model", "no_usage", "error_status"];
const OUTCOMES = ["complete", "upstream_cut", "client_gone", "timed_out", "refused", "failed"];
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];

const call = (section: string, column: string, label: string, type: FieldType, more: Partial<Field> = {}): Field => ({ table: CALLS, section, column, label, type, ...more });
const session = (column: string, label: string, type: FieldType, more: Partial<Field> = {}): Field => ({ table: SESSIONS, section: "Session", column, label, type, ...more });

export const FIELDS: readonly Field[] = [
  call("Call", "model", "Model", "text", { suggests: "model" }),
  call("Call", "provider", "Provider", "text", { suggests: "provider" }),
  call("Call", "status", "Status", "number", { suggests: "status" }),
  call("Call", "user_id", "User", "text", { suggests: "user" }),
  call("Call", "properties", "Property", "text", { isMap: true }),
  call("Call", "property_key", "Has property", "text", { suggests: "propertyName" }),
  call("Call", "country_code", "Country", "text", { suggests: "country" }),
  call("Call", "prompt_id", "Prompt", "text", { suggests: "prompt" }),
  call("Call", "prompt_version", "Prompt version", "text"),
  call("Call", "path", "Path", "text", { suggests: "path" }),
  call("Call", "target_url", "Target URL", "text"),
  call("Call", "method", "Method", "text", { choices: METHODS }),
  call("Call", "request_id", "Request id", "text"),
  call("Call", "request_model", "Model asked for", "text"),
  call("Call", "response_model", "Model that answered", "text"),
  call("Call", "model_override", "Model override", "text"),
  call("Call", "outcome", "Outcome", "text", { choices: OUTCOMES }),
  call("Call", "error_type", "Error", "text"),
  call("Call", "is_stream", "Streamed", "boolean"),
  call("Call", "source", "Source", "text"),
  call("Call", "key_id", "API key", "text", { suggests: "key" }),
  call("Call", "request_referrer", "Referrer", "text"),
  call("Call", "proxy_key_id", "Proxy key", "text"),
  call("Said", "request_body", "Request body", "text"),
  call("Said", "response_body", "Response body", "text"),
  call("Said", "values", "Prompt input", "text", { isMap: true }),
  call("Said", "request_bytes", "Request size", "number", { unit: "bytes" }),
  call("Said", "response_bytes", "Response size", "number", { unit: "bytes" }),
  call("Time", "latency", "Latency", "number", { unit: "ms" }),
  call("Time", "time_to_first_token", "Time to first token", "number", { unit: "ms" }),
  call("Time", "request_created_at", "Started", "time"),
  call("Time", "response_created_at", "Ended", "time"),
  call("Cost and tokens", "cost", "Cost", "number", { unit: "$" }),
  call("Cost and tokens", "cost_status", "Cost status", "text", { choices: COST_STATUSES }),
  call("Cost and tokens", "total_tokens", "Tokens in all", "number"),
  call("Cost and tokens", "prompt_tokens", "Tokens in", "number"),
  call("Cost and tokens", "completion_tokens", "Tokens out", "number"),
  call("Cost and tokens", "prompt_cache_read_tokens", "Tokens read from cache", "number"),
  call("Cost and tokens", "prompt_cache_write_tokens", "Tokens written to cache", "number"),
  call("Cost and tokens", "reasoning_tokens", "Reasoning tokens", "number"),
  call("Cost and tokens", "prompt_audio_tokens", "Audio tokens in", "number"),
  call("Cost and tokens", "completion_audio_tokens", "Audio tokens out", "number"),
  call("Cost and tokens", "service_tier", "Service tier", "text"),
  call("Cost and tokens", "revised", "Revised", "boolean"),
  call("Cost and tokens", "usage_source", "Usage source", "text"),
  call("Gateway", "cached", "Answered by the cache", "boolean"),
  call("Gateway", "cache_status", "Cache status", "text", { choices: ["hit", "miss"] }),
  call("Gateway", "rate_limited", "Refused by a limit", "boolean"),
  call("Gateway", "rate_limit_status", "Rate limit status", "text", { choices: ["allowed", "refused", "error"] }),
  call("Gateway", "rate_limit_policy", "Rate limit policy", "text"),
  call("Gateway", "attempt_count", "Attempts", "number"),
  call("Gateway", "cache_enabled", "Cache enabled", "boolean"),
  call("Gateway", "cache_reference_id", "Cached call", "text"),
  call("Gateway", "threat", "Threat found", "boolean"),
  call("Gateway", "mapper_id", "Mapper", "text"),
  call("Gateway", "mapper_version", "Mapper version", "number"),
  call("Feedback", "helicone-score-feedback", "Rated good", "boolean"),
  call("Feedback", "scored", "Scored", "boolean"),
  call("Feedback", "scores", "Score", "number", { isMap: true }),
  session("session_session_id", "Session id", "text"),
  session("session_session_name", "Session name", "text"),
  session("session_tag", "Session tag", "text"),
];

/** Figures of whole sessions: only lists of sessions take them. */
export const SESSION_FIGURES: readonly Field[] = [
  session("session_total_cost", "Session cost", "number", { unit: "$" }),
  session("session_total_requests", "Calls in session", "number"),
  session("session_total_tokens", "Session tokens", "number"),
  session("session_prompt_tokens", "Session tokens in", "number"),
  session("session_completion_tokens", "Session tokens out", "number"),
  session("session_created_at", "Session began", "time"),
  session("session_latest_request_created_at", "Last call of session", "time"),
];

const user = (column: string, label: string, type: FieldType, more: Partial<Field> = {}): Field => ({ table: "users_view", section: "User", column, label, type, ...more });

/** Figures of whole users: only lists of users take them. */
export const USER_FIGURES: readonly Field[] = [
  user("user_cost", "User's cost", "number", { unit: "$" }),
  user("user_total_requests", "User's calls", "number"),
  user("user_active_for", "Active days", "number"),
  user("user_average_requests_per_day_active", "Calls per active day", "number"),
  user("user_average_tokens_per_request", "Tokens per call", "number"),
  user("user_total_prompt_tokens", "User's tokens in", "number"),
  user("user_total_completion_tokens", "User's tokens out", "number"),
  user("user_first_active", "First active", "time"),
  user("user_last_active", "Last active", "time"),
];

const KNOWN = [...FIELDS, ...SESSION_FIGURES, ...USER_FIGURES];

/** Returns what is known of a column; one that nobody told us of compares as its value does. */
export function fieldOf(table: string, column: string, value: string | number | boolean, hasKey = false): Field {
  const known = KNOWN.find((field) => field.table === table && field.column === column && (field.isMap ?? false) === hasKey);
  if (known) return known;
  const type = typeof value === "number" ? "number" : typeof value === "boolean" ? "boolean" : "text";
  return { table, column, label: table === CALLS ? column : `${table}.${column}`, type, section: "Other", ...(hasKey && { isMap: true }) };
}

export interface Operator {
  name: string;
  /** In a list of choices. */
  text: string;
  /** In a chip. */
  short: string;
}

const TEXT_OPERATORS: readonly Operator[] = [
  { name: "equals", text: "is", short: "is" },
  { name: "not-equals", text: "is not", short: "is not" },
  { name: "contains", text: "contains", short: "contains" },
  { name: "not-contains", text: "does not contain", short: "lacks" },
  { name: "like", text: "matches (% and _ stand for any)", short: "matches" },
  { name: "ilike", text: "matches in any case", short: "matches" },
];
const NUMBER_OPERATORS: readonly Operator[] = [
  { name: "gte", text: "is at least", short: "≥" },
  { name: "lte", text: "is at most", short: "≤" },
  { name: "gt", text: "is more than", short: ">" },
  { name: "lt", text: "is less than", short: "<" },
  { name: "equals", text: "is", short: "=" },
  { name: "not-equals", text: "is not", short: "≠" },
];
const TIME_OPERATORS: readonly Operator[] = [
  { name: "gte", text: "is at or after", short: "from" },
  { name: "lte", text: "is at or before", short: "until" },
  { name: "gt", text: "is after", short: "after" },
  { name: "lt", text: "is before", short: "before" },
  { name: "equals", text: "is", short: "at" },
];
const EQUALS: readonly Operator[] = [{ name: "equals", text: "is", short: "is" }];

/** Returns how a field compares. */
export function operatorsOf(field: Field): readonly Operator[] {
  if (field.column === "property_key") return EQUALS;
  return { text: TEXT_OPERATORS, number: NUMBER_OPERATORS, time: TIME_OPERATORS, boolean: EQUALS }[field.type];
}
