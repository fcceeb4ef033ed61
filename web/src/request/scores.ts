/** Scores of a request, as they are shown and typed. */
import type { RequestPart } from "../api/types";
import type { Fact } from "./FactList";

const RATING = "helicone-score-feedback";
/** What Helicone puts behind the names of scores that are true or false. */
const BOOLEAN = "-hcone-bool";

/** Returns what was given by name, the rating aside. */
export function scoresOf({ scores, feedback }: RequestPart<"scores" | "feedback">): Fact[] {
  const facts = new Map<string, string>();
  for (const [key, value] of Object.entries(scores ?? {})) {
    const name = key.endsWith(BOOLEAN) ? key.slice(0, -BOOLEAN.length) : key;
    facts.set(name, key === name ? String(value) : value ? "true" : "false");
  }
  for (const [name, { value }] of Object.entries(feedback ?? {})) facts.set(name, typeof value === "string" ? value : JSON.stringify(value));
  facts.delete(RATING);
  return [...facts].map(([name, value]) => ({ name, value }));
}

/** Reads the value of a score as people type it; null when it is neither a number nor true or false. */
export function parseScore(typed: string): number | boolean | null {
  const text = typed.trim().toLowerCase();
  if (text === "true" || text === "false") return text === "true";
  return text !== "" && Number.isFinite(Number(text)) ? Number(text) : null;
}
