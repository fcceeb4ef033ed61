import { useState } from "react";
import type { Json } from "../api/types";
import { JsonValue } from "./JsonValue";

const OPEN_DEPTH = 4;
const OPEN_CHILDREN = 40;
const STEP = 100;

type Branch = Json[] | { [key: string]: Json };

interface JsonTreeProps {
  name?: string;
  value: Json;
  depth?: number;
}

/** A JSON value as a tree that opens and closes; a closed branch costs nothing. */
export function JsonTree({ name, value, depth = 0 }: JsonTreeProps) {
  if (typeof value === "object" && value !== null && sizeOf(value) > 0) return <JsonBranch name={name} value={value} depth={depth} />;
  return (
    <div className="pl-4 wrap-anywhere">
      <JsonName name={name} />
      <JsonValue value={value} />
    </div>
  );
}

interface JsonBranchProps {
  name: string | undefined;
  value: Branch;
  depth: number;
}

function JsonBranch({ name, value, depth }: JsonBranchProps) {
  const size = sizeOf(value);
  const [open, setOpen] = useState(depth < OPEN_DEPTH && size <= OPEN_CHILDREN);
  const [shown, setShown] = useState(STEP);
  const brackets = Array.isArray(value) ? "[ ]" : "{ }";
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="rounded leading-6 hover:bg-raised">
        <JsonName name={name} />
        <span className="text-ink-faint">
          {brackets} {size}
        </span>
      </summary>
      {open && (
        <div className="ml-1.5 border-l border-line pl-2">
          {Object.entries(value)
            .slice(0, shown)
            .map(([key, child]) => (
              <JsonTree key={key} name={key} value={child} depth={depth + 1} />
            ))}
          {size > shown && (
            <button type="button" className="button-quiet" onClick={() => setShown(shown + STEP)}>
              {Math.min(STEP, size - shown)} more of {size - shown}
            </button>
          )}
        </div>
      )}
    </details>
  );
}

function JsonName({ name }: { name: string | undefined }) {
  return name === undefined ? null : <span className="text-json-key">{name}: </span>;
}

function sizeOf(value: Branch): number {
  return Array.isArray(value) ? value.length : Object.keys(value).length;
}
