/** Keys that work on every page, as a machine without a clock of its own. */
import { PAGE_GROUPS } from "./pages";

/** How long `g` waits for the key that says where to. */
const SEQUENCE_MS = 1200;

export type Command = { kind: "go"; to: string } | { kind: "help" } | { kind: "filter" };

export interface KeyState {
  /** When `g` was pressed, in ms. */
  wentAt: number | null;
}

export const NO_KEYS: KeyState = { wentAt: null };

/** Returns what a key means, and what is remembered until the next. */
export function pressKey({ wentAt }: KeyState, key: string, nowMs: number): { state: KeyState; command: Command | null } {
  if (wentAt !== null && nowMs - wentAt <= SEQUENCE_MS) {
    const page = PAGE_GROUPS.flatMap(({ pages }) => pages).find((known) => known.key === key);
    return { state: NO_KEYS, command: page ? { kind: "go", to: page.to } : null };
  }
  if (key === "g") return { state: { wentAt: nowMs }, command: null };
  if (key === "?") return { state: NO_KEYS, command: { kind: "help" } };
  return { state: NO_KEYS, command: key === "/" ? { kind: "filter" } : null };
}
