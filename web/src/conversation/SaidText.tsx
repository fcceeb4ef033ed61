import { useState } from "react";

const LONG_TEXT = 20_000;

interface SaidTextProps {
  text: string;
  /** How many characters are shown before somebody asks for more. */
  limit?: number;
}

/** Text as it was said: nothing in it is markup. */
export function SaidText({ text, limit = LONG_TEXT }: SaidTextProps) {
  const [whole, setWhole] = useState(false);
  const cut = text.length > limit && !whole;
  return (
    <div>
      <p dir="auto" className="whitespace-pre-wrap wrap-anywhere">
        {cut ? `${text.slice(0, limit)}…` : text}
      </p>
      {cut && (
        <button type="button" className="button-quiet mt-1" onClick={() => setWhole(true)}>
          Show all {text.length.toLocaleString("en-US")} characters
        </button>
      )}
    </div>
  );
}
