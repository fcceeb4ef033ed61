import type { Caller } from "../api/types";
import { Notice } from "./Notice";

interface ReadOnlyNoteProps {
  caller: Caller;
  /** What the caller may not do: "see and change keys". */
  what: string;
}

/** Says why there is nothing to press. */
export function ReadOnlyNote({ caller, what }: ReadOnlyNoteProps) {
  if (caller.key === null) {
    return (
      <Notice tone="warn">
        Your role in this organisation is {caller.role}. To {what}, ask an owner for the role of an admin.
      </Notice>
    );
  }
  return (
    <Notice tone="warn">
      You are signed in with “{caller.key.name}”, a key that may only read. To {what}, sign in with a key that may read and write.
    </Notice>
  );
}
