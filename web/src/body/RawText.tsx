import { useState } from "react";

const LONG_TEXT = 200_000;

interface RawTextProps {
  label: string;
  text: string;
}

/** Text exactly as it is stored; only the beginning of very long text, until asked. */
export function RawText({ label, text }: RawTextProps) {
  const [whole, setWhole] = useState(false);
  const cut = text.length > LONG_TEXT && !whole;
  return (
    <>
      <pre className="font-mono text-xs leading-relaxed wrap-anywhere whitespace-pre-wrap" aria-label={label}>
        {cut ? text.slice(0, LONG_TEXT) : text}
      </pre>
      {cut && (
        <button type="button" className="button mt-2" onClick={() => setWhole(true)}>
          Show all {text.length.toLocaleString("en-US")} characters
        </button>
      )}
    </>
  );
}
