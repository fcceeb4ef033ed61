/** What was said in a call, in the common schema that `GET /v1/request/{id}/conversation` answers with. */
import type { Json } from "../api/types";
import type { components } from "../api/schema";

export type MessageKind = "message" | "functionCall" | "function" | "image" | "file" | "audio" | "contentArray";

export interface ToolCall {
  id?: string;
  name: string;
  arguments: Json;
}

export interface Annotation {
  type: string;
  url?: string;
  title?: string;
  content?: string;
}

/** A message, or a part of one; what it does not say is absent. */
export interface Message {
  _type: MessageKind;
  id?: string;
  role?: string;
  name?: string;
  content?: string;
  contentArray?: Message[];
  reasoning?: string;
  tool_calls?: ToolCall[];
  tool_call_id?: string;
  image_url?: string;
  detail?: string;
  audio_data?: string;
  file_data?: string;
  file_id?: string;
  filename?: string;
  mime_type?: string;
  type?: string;
  annotations?: Annotation[];
  timestamp?: string;
  finish_reason?: string;
}

export interface Tool {
  name: string;
  description?: string;
  parameters?: Json;
  strict?: boolean;
}

/** What was asked; the parameters of the call stand beside what is named here. */
export interface RequestBody {
  llm_type?: "chat" | "completion";
  model?: string;
  messages?: Message[];
  prompt?: string;
  instructions?: string;
  input?: string[];
  tools?: Tool[];
  tool_choice?: { type: string; name?: string };
  toolDetails?: Json;
  vectorDBDetails?: Json;
  dataDetails?: Json;
  [parameter: string]: unknown;
}

export interface ResponseBody {
  messages: Message[];
  model?: string;
  error?: { heliconeMessage: Json };
  toolDetailsResponse?: Json;
  vectorDBDetailsResponse?: Json;
  dataDetailsResponse?: Json;
}

export type Conversation = Omit<components["schemas"]["MappedRequest"], "schema"> & {
  schema: { request: RequestBody | null; response: ResponseBody | null };
};
