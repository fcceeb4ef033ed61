import type { Conversation, Message } from "../conversation/types";

/**
 * Returns a conversation without the messages that an earlier one of the same session had, and how many those are.
 * Calls of a session mostly repeat all that was said before.
 */
export function withoutRepeated(conversation: Conversation, earlier: ReadonlySet<string>): { conversation: Conversation; repeated: number } {
  const { request } = conversation.schema;
  const messages = request?.messages;
  if (!request || !messages) return { conversation, repeated: 0 };
  const fresh = messages.filter((message) => !earlier.has(keyOf(message)));
  const schema = { ...conversation.schema, request: { ...request, messages: fresh } };
  return { conversation: { ...conversation, schema }, repeated: messages.length - fresh.length };
}

/** Returns what stands for each message that was said in conversations, asked and answered. */
export function saidIn(conversations: readonly Conversation[]): Set<string> {
  return new Set(conversations.flatMap(({ schema }) => [...(schema.request?.messages ?? []), ...(schema.response?.messages ?? [])].map(keyOf)));
}

/** An answer comes back as a question without its id, its reason to end and its reasoning. */
function keyOf({ role, content, contentArray, tool_calls: calls, tool_call_id: callId, name, image_url: image }: Message): string {
  return JSON.stringify([role ?? "", content || textsOf(contentArray), calls?.map(({ name: tool, arguments: given }) => [tool, given]) ?? [], callId ?? "", name ?? "", image ?? ""]);
}

function textsOf(parts: Message[] | undefined): unknown {
  const [only] = parts ?? [];
  if (parts?.length === 1 && only?.content !== undefined) return only.content;
  return parts?.map((part) => [part.content ?? "", part.image_url ?? "", part.file_id ?? ""]) ?? "";
}
