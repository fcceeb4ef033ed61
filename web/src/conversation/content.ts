import type { Json } from "../api/types";
import type { Message, RequestBody } from "./types";

/** Pictures that are made of nothing but pixels. */
const PICTURES = /^data:image\/(?:png|jpeg|jpg|gif|webp|avif|bmp);base64,[A-Za-z0-9+/=_-]+$/;
const SOUNDS = ["audio/mpeg", "audio/mp3", "audio/wav", "audio/x-wav", "audio/ogg", "audio/webm", "audio/mp4", "audio/aac", "audio/flac"];
const BASE64 = /^[A-Za-z0-9+/=_-]+$/;

/** Where a picture comes from: the body itself, another server, or nowhere that a browser may go. */
export type Picture = { kind: "inline"; source: string } | { kind: "remote"; source: string; host: string } | { kind: "elsewhere"; text: string };

/** Decides how a picture may be shown. Bodies are written by strangers: only data of picture types, and https after a click. */
export function pictureOf(url: string | undefined): Picture | null {
  if (!url) return null;
  const trimmed = url.trim();
  if (PICTURES.test(trimmed)) return { kind: "inline", source: trimmed };
  const parsed = webAddress(trimmed);
  if (parsed?.protocol === "https:") return { kind: "remote", source: parsed.href, host: parsed.host };
  return { kind: "elsewhere", text: trimmed.startsWith("data:") ? `${trimmed.slice(0, 40)}…` : trimmed };
}

/** Returns the data URL of sound that a browser can play, or null. */
export function soundOf(message: Pick<Message, "audio_data" | "mime_type">): string | null {
  const { audio_data: data, mime_type: type = "audio/mpeg" } = message;
  if (!data || !BASE64.test(data) || !SOUNDS.includes(type.toLowerCase())) return null;
  return `data:${type.toLowerCase()};base64,${data}`;
}

/** Returns a data URL by which a file can be saved; its type is nobody's, so that nothing opens it by itself. */
export function downloadOf(data: string | undefined): string | null {
  return data && BASE64.test(data) ? `data:application/octet-stream;base64,${data}` : null;
}

/** Returns an address of the web that may be a link, or null. */
export function webAddress(url: string | undefined): URL | null {
  if (!url || !/^https?:\/\//i.test(url.trim())) return null;
  try {
    return new URL(url.trim());
  } catch {
    return null;
  }
}

/** Returns the object or list that a text is, or null when it is anything else. */
export function structured(text: string): Json | null {
  if (!/^\s*[[{]/.test(text) || text.length > 500_000) return null;
  try {
    const value = JSON.parse(text) as Json;
    return typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}

const ROLES = new Map([
  ["user", "User"],
  ["assistant", "Assistant"],
  ["system", "System"],
  ["developer", "Developer"],
  ["tool", "Tool"],
  ["function", "Tool"],
]);

/** Returns the name of a role as it is shown: the ones that everybody has begin with a capital. */
export function roleName({ _type: kind, role = "" }: Pick<Message, "role" | "_type">): string {
  if (kind === "function") return "Tool result";
  return ROLES.get(role) ?? (role || "Message");
}

/** Whether a message instructs the model. */
export function isInstruction(message: Pick<Message, "role">): boolean {
  return message.role === "system" || message.role === "developer";
}

const NO_PARAMETERS = new Set([
  "llm_type",
  "model",
  "messages",
  "prompt",
  "instructions",
  "input",
  "tools",
  "tool_choice",
  "toolDetails",
  "vectorDBDetails",
  "dataDetails",
]);

/** Returns the parameters of a call as names and values. */
export function parametersOf(request: RequestBody): [string, string][] {
  const parameters = Object.entries(request).filter(([name, value]) => !NO_PARAMETERS.has(name) && value !== undefined && value !== null);
  const shown = parameters.map(([name, value]): [string, string] => [name, typeof value === "string" ? value : JSON.stringify(value)]);
  const choice = request.tool_choice;
  if (choice) shown.push(["tool_choice", choice.name ? `${choice.type}: ${choice.name}` : choice.type]);
  return shown;
}

const GAPS: Record<string, string> = {
  omitted: "This body was omitted from the log at the caller's wish.",
  absent: "There is no body.",
};

/** Says why nothing of a body is shown, or null when something is. */
export function gapOf(reading: string): string | null {
  return GAPS[reading] ?? null;
}
