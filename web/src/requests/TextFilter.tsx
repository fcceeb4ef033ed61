import { useEffect, useState } from "react";

const SETTLE_MS = 350;

interface TextFilterProps {
  label: string;
  value: string | undefined;
  className?: string;
  onChange: (value: string | undefined) => void;
}

/** A text field that applies what was typed once the typing pauses, or at once on Enter. */
export function TextFilter({ label, value, className = "w-32", onChange }: TextFilterProps) {
  const [draft, setDraft] = useState(value ?? "");
  const [applied, setApplied] = useState(value);
  if (value !== applied) {
    setApplied(value);
    setDraft(value ?? "");
  }
  const settled = draft.trim() || undefined;
  useEffect(() => {
    if (settled === value) return;
    const timer = setTimeout(() => onChange(settled), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [settled, value, onChange]);
  return (
    <input
      type="search"
      className={`control ${className}`}
      aria-label={label}
      placeholder={label}
      spellCheck={false}
      autoComplete="off"
      value={draft}
      onChange={(event) => setDraft(event.target.value)}
      onKeyDown={(event) => event.key === "Enter" && onChange(settled)}
    />
  );
}
