import type { Json } from "../api/types";
import { formatBytes } from "../format/numbers";
import { assembleStream, type AssembledStream } from "../stream/assemble";
import { looksLikeSse } from "../stream/sse";

/** A stored body, by the way it is best read. */
export type ReadableBody =
  | { kind: "absent" }
  | { kind: "binary"; base64: string }
  | { kind: "json"; value: Json }
  | { kind: "stream"; text: string; assembled: AssembledStream | null }
  | { kind: "text"; text: string };

/** Returns the base64 of a body that is not text: the API wraps those in an object of its own. */
export function binaryOf(body: Json | undefined): string | null {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return null;
  const wrapped = Object.keys(body).length === 2 && "helicone_message" in body;
  return wrapped && typeof body.base64 === "string" ? body.base64 : null;
}

/** Decides how a body is read. A string is what was not JSON as a whole: a stream or any other text. */
export function classifyBody(body: Json | undefined): ReadableBody {
  if (body === null || body === undefined || body === "") return { kind: "absent" };
  const base64 = binaryOf(body);
  if (base64 !== null) return { kind: "binary", base64 };
  if (typeof body !== "string") return { kind: "json", value: body };
  if (looksLikeSse(body)) return { kind: "stream", text: body, assembled: assembleStream(body) };
  return { kind: "text", text: body };
}

/** Returns the body as text to show raw and to copy. */
export function rawText(body: ReadableBody): string {
  if (body.kind === "absent") return "";
  if (body.kind === "binary") return body.base64;
  return body.kind === "json" ? JSON.stringify(body.value, null, 2) : body.text;
}

/** Says what is missing of a body, or null when it is whole. */
export function describeGap(state: string | null | undefined, present: boolean, size: number | null | undefined): string | null {
  const total = typeof size === "number" ? ` It was ${formatBytes(size)} long.` : "";
  if (state === "omitted") return `This body was omitted from the log at the caller's wish.${total}`;
  if (state === "truncated") return `Only the beginning of this body was kept.${total}`;
  if (state === "empty") return "There was no body.";
  return present ? null : "No body is stored.";
}
