import type { Tone } from "../format/status";

export interface MapperStatus {
  tone: Tone;
  text: string;
  /** What it means, and what comes next. */
  meaning: string;
}

const STATUSES: Record<string, MapperStatus> = {
  PENDING_CREATION: { tone: "warn", text: "Model is pending mapping", meaning: "Too few calls yet: a mapping is inferred of five that went well." },
  IN_PROGRESS: { tone: "warn", text: "Being inferred", meaning: "A mapping is being inferred of the newest calls." },
  PENDING_APPROVAL: { tone: "warn", text: "Waits for approval", meaning: "What is sure may be in force already; the rest waits for you." },
  ACTIVE: { tone: "good", text: "In force", meaning: "Calls are read by it." },
  PENDING_UPDATE: { tone: "warn", text: "Calls no longer fit", meaning: "Calls are read by it, but lately some did not fit: a mapping is inferred anew." },
  INACTIVE: { tone: "idle", text: "Replaced", meaning: "A later version took its place." },
  DECLINED: { tone: "idle", text: "Declined", meaning: "Nobody wants it: calls are logged, and not read." },
  FAILED: { tone: "bad", text: "Nothing could be inferred", meaning: "The calls say nothing that could be told apart; point at the fields yourself, or infer again later." },
};

/** Says where a mapper or a version stands; a status that is not known here keeps the API's name. */
export function statusOfMapping(status: string): MapperStatus {
  return STATUSES[status] ?? { tone: "idle", text: status.replaceAll("_", " ").toLowerCase(), meaning: "" };
}

const FIELDS: Record<string, string> = {
  messages: "Messages",
  prompt: "Prompt",
  system: "System prompt",
  model: "Model asked for",
  params: "Parameters",
  text: "Text of the answer",
  reasoning: "Reasoning",
  response_model: "Model that answered",
  usage: "Token counts",
  input_tokens: "Input tokens",
  output_tokens: "Output tokens",
  total_tokens: "Total tokens",
  finish: "Why it ended",
  tool_calls: "Tool calls",
  error: "What went wrong",
};

/** Names a field for people. */
export function nameOfField(field: string, streamed: boolean): string {
  const name = FIELDS[field] ?? field.replaceAll("_", " ");
  return streamed ? `${name}, streamed` : name;
}
