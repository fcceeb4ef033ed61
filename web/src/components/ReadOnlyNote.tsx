import type { Caller } from "../api/types";
import { Notice } from "./Notice";

interface ReadOnlyNoteProps {
  caller: Caller;
  /** What this key does not let its owner do: "see and change keys". */
  what: string;
}

/** Says why there is nothing to press. */
export function ReadOnlyNote({ caller, what }: ReadOnlyNoteProps) {
  return (
    <Notice tone="warn">
      You are signed in with “{caller.key.name}”, a key that may only read. To {what}, sign in with a key that may read and write.
    </Notice>
  );
}
