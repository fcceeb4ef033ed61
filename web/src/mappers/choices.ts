import type { Json, MapperCandidate, MapperDetail, MapperField, MappingChoice } from "../api/types";

/** What is chosen for a field. */
export type Choice = { kind: "candidate"; index: number } | { kind: "pointer"; pointer: string } | { kind: "nothing" };

/** What was chosen by now, by `keyOf` a field; a field that is not in it stays as it is proposed. */
export type Choices = Readonly<Record<string, Choice>>;

type Found = Pick<MapperField, "field" | "streamed" | "decision" | "candidates">;

export function keyOf({ field, streamed }: Pick<MapperField, "field" | "streamed">): string {
  return streamed ? `${field} streamed` : field;
}

/** Returns what an administrator settled in the version in force, so that approving again does not undo it. */
export function settledChoices({ fields, ...detail }: MapperDetail): Choices {
  const { document, pinned } = inForce(detail);
  const settled = fields.filter(({ field }) => pinned.includes(field));
  return Object.fromEntries(settled.map((found) => [keyOf(found), settledChoice(found, document)]));
}

/** Returns the places that an administrator pointed at for fields that nothing was found for. */
export function settledPointers({ fields, ...detail }: MapperDetail): Readonly<Record<string, string>> {
  const { document, pinned } = inForce(detail);
  const settled = fieldsToPointAt(fields).filter((field) => pinned.includes(field));
  const places = settled.map((field) => [field, pathIn(document, field)] as const);
  return Object.fromEntries(places.filter((place): place is [string, string] => place[1] !== null));
}

function inForce({ mapper, versions }: Pick<MapperDetail, "mapper" | "versions">): { document: Json | undefined; pinned: Json[] } {
  const document = versions.find(({ version }) => version === mapper.active_version)?.document as Json | undefined;
  const pinned = at(document, "pinned");
  return { document, pinned: Array.isArray(pinned) ? pinned : [] };
}

const COUNTS: Record<string, string> = { input_tokens: "input", output_tokens: "output", total_tokens: "total" };

function pathIn(document: Json | undefined, field: string): string | null {
  const count = COUNTS[field];
  const place = count ? at(at(at(document, "response"), "usage"), count) : placeIn(document, { field, streamed: false });
  const path = typeof place === "string" ? place : at(place, "path");
  return typeof path === "string" ? path : null;
}

function settledChoice(found: Found, document: Json | undefined): Choice {
  const place = placeIn(document, found);
  if (place === null || place === undefined) return { kind: "nothing" };
  const index = found.candidates.findIndex(({ mapping }) => JSON.stringify(Object.values(mapping as object)[0]) === JSON.stringify(place));
  if (index >= 0) return { kind: "candidate", index };
  const path = typeof place === "string" ? place : at(place, "path");
  return typeof path === "string" ? { kind: "pointer", pointer: path } : { kind: "candidate", index: 0 };
}

const OF_REQUESTS = ["messages", "prompt", "system", "model", "params"];

function placeIn(document: Json | undefined, { field, streamed }: Pick<Found, "field" | "streamed">): Json | undefined {
  const part = OF_REQUESTS.includes(field) ? "request" : streamed ? "stream" : "response";
  return at(at(document, part), field === "response_model" ? "model" : field);
}

function at(value: Json | undefined, name: string): Json | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value[name] : undefined;
}

/** Returns what holds for a field: what was chosen, else the best candidate. */
export function choiceOf(found: Found, choices: Choices): Choice {
  return choices[keyOf(found)] ?? (found.candidates.length > 0 ? { kind: "candidate", index: 0 } : { kind: "nothing" });
}

const ORDER = ["nothing", "candidate", "pointer"];

/** Returns the choices as the API takes them: those of fields that wait, and those that were made. */
export function choicesToSend(fields: readonly Found[], choices: Choices, pointers: Readonly<Record<string, string>>): MappingChoice[] {
  const emptied = new Set(fields.filter((found) => choices[keyOf(found)]?.kind === "nothing").map(({ field }) => field));
  // Nothing for a field is nothing for its streams too, so that the other one is said again.
  const isSent = (found: Found) => found.decision === "pending" || choices[keyOf(found)] !== undefined || emptied.has(found.field);
  const sent = fields.filter((found) => isSent(found) && (found.candidates.length > 0 || choices[keyOf(found)] !== undefined));
  const chosen = sent.map((found) => ({ found, choice: choiceOf(found, choices) }));
  chosen.sort((left, right) => ORDER.indexOf(left.choice.kind) - ORDER.indexOf(right.choice.kind));
  const added = Object.entries(pointers).filter(([, pointer]) => pointer.trim() !== "");
  return [...chosen.map(({ found, choice }) => toSend(found, choice)), ...added.map(([field, pointer]) => ({ field, pointer: pointer.trim() }))];
}

function toSend({ field, streamed }: Found, choice: Choice): MappingChoice {
  if (choice.kind === "nothing") return { field, streamed, nothing: true };
  return choice.kind === "pointer" ? { field, streamed, pointer: choice.pointer.trim() } : { field, streamed, candidate: choice.index };
}

/** Fields that one pointer can settle. */
const BY_POINTER = ["prompt", "system", "model", "text", "reasoning", "response_model", "input_tokens", "output_tokens", "total_tokens", "finish", "error"];

export function takesPointer(field: string): boolean {
  return BY_POINTER.includes(field);
}

/** Returns the fields that nothing was found for and that can be pointed at. */
export function fieldsToPointAt(fields: readonly Pick<MapperField, "field">[]): string[] {
  return BY_POINTER.filter((field) => !fields.some((found) => found.field === field));
}

/** Says where a candidate reads: "path /turn/text", "input /usage/in · output /usage/out". */
export function describeMapping({ mapping }: Pick<MapperCandidate, "mapping">): { name: string; value: string }[] {
  const [told] = Object.values(mapping as Record<string, Json>);
  return leaves(told ?? null, "").filter(({ value }) => value !== "");
}

/** What is so unless it is said otherwise. */
const PLAIN = ["", "false", "null", "all"];

function leaves(value: Json, name: string): { name: string; value: string }[] {
  if (typeof value !== "object" || value === null) return [{ name, value: PLAIN.includes(String(value)) ? "" : String(value) }];
  const parts = Array.isArray(value) ? value.map((part) => [name, part] as const) : Object.entries(value).map(([key, part]) => [key.replaceAll("_", " "), part] as const);
  return parts.flatMap(([key, part]) => leaves(part, key));
}
