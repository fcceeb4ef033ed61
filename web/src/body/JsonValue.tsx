import { useState } from "react";
import type { Json } from "../api/types";

const LONG_TEXT = 2000;

interface JsonValueProps {
  value: Json;
}

/** A leaf of a JSON tree. Text keeps its line breaks; very long text is shown on demand. */
export function JsonValue({ value }: JsonValueProps) {
  const [whole, setWhole] = useState(false);
  if (typeof value !== "string") {
    const text = typeof value === "object" && value !== null ? (Array.isArray(value) ? "[ ]" : "{ }") : String(value);
    return <span className={typeof value === "number" ? "text-json-number" : "text-ink-soft"}>{text}</span>;
  }
  const cut = value.length > LONG_TEXT && !whole;
  return (
    <span className="text-json-string">
      <span className="whitespace-pre-wrap">"{cut ? value.slice(0, LONG_TEXT) : value}"</span>
      {cut && (
        <button type="button" className="button-quiet" onClick={() => setWhole(true)}>
          … show all {value.length.toLocaleString("en-US")} characters
        </button>
      )}
    </span>
  );
}
