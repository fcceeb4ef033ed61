import { parseSse } from "./sse";

export interface ToolCall {
  name: string;
  arguments: string;
}

/** What an OpenAI-shaped stream said, put together from its pieces. */
export interface AssembledStream {
  text: string;
  reasoning: string;
  toolCalls: ToolCall[];
  finishReason: string | null;
  /** The stream reached its own end; false means that it was cut. */
  ended: boolean;
}

type Fields = Record<string, unknown>;

/** Assembles a stored stream; returns null when no event has the shape of chat completions, completions or responses. */
export function assembleStream(body: string): AssembledStream | null {
  const assembled: AssembledStream = { text: "", reasoning: "", toolCalls: [], finishReason: null, ended: false };
  let recognised = false;
  for (const { data } of parseSse(body)) {
    if (data.trim() === "[DONE]") {
      assembled.ended = true;
      continue;
    }
    const chunk = parseObject(data);
    if (chunk === null) continue;
    recognised = addChatChunk(assembled, chunk) || addResponsesEvent(assembled, chunk) || recognised;
  }
  return recognised ? assembled : null;
}

/** Adds a chunk of a chat completion, or of its older sibling that carries `text`. Only the first choice is shown. */
function addChatChunk(assembled: AssembledStream, chunk: Fields): boolean {
  if (!Array.isArray(chunk.choices)) return false;
  const choice = chunk.choices.map(asObject).find((candidate) => (candidate?.index ?? 0) === 0);
  if (!choice) return true;
  const delta = asObject(choice.delta) ?? {};
  assembled.text += asText(delta.content) + asText(delta.refusal) + asText(choice.text);
  assembled.reasoning += asText(delta.reasoning_content) || asText(delta.reasoning);
  if (Array.isArray(delta.tool_calls)) delta.tool_calls.map(asObject).forEach((call) => addToolCall(assembled, call));
  if (typeof choice.finish_reason === "string") assembled.finishReason = choice.finish_reason;
  return true;
}

function addToolCall(assembled: AssembledStream, piece: Fields | null): void {
  if (piece === null) return;
  const index = typeof piece.index === "number" ? piece.index : assembled.toolCalls.length;
  const described = asObject(piece.function) ?? {};
  const call = (assembled.toolCalls[index] ??= { name: "", arguments: "" });
  call.name += asText(described.name);
  call.arguments += asText(described.arguments);
}

/** Adds an event of the Responses API. */
function addResponsesEvent(assembled: AssembledStream, event: Fields): boolean {
  if (typeof event.type !== "string" || !event.type.startsWith("response.")) return false;
  switch (event.type) {
    case "response.output_text.delta":
    case "response.refusal.delta":
      assembled.text += asText(event.delta);
      break;
    case "response.reasoning_summary_text.delta":
      assembled.reasoning += asText(event.delta);
      break;
    case "response.output_item.done":
      addFinishedItem(assembled, asObject(event.item));
      break;
    case "response.completed":
    case "response.incomplete":
    case "response.failed":
      assembled.ended = true;
      assembled.finishReason = event.type.slice("response.".length);
      break;
  }
  return true;
}

function addFinishedItem(assembled: AssembledStream, item: Fields | null): void {
  if (item?.type !== "function_call") return;
  assembled.toolCalls.push({ name: asText(item.name), arguments: asText(item.arguments) });
}

function parseObject(text: string): Fields | null {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return null;
  }
}

function asObject(value: unknown): Fields | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : "";
}
