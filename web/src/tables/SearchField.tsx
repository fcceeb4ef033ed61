import { useEffect, useState } from "react";

const WAIT_MS = 250;

interface SearchFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  className?: string;
}

/** A field to search by; what is typed counts a moment after the last key. */
export function SearchField({ label, value, onChange, className = "w-56 max-sm:flex-1" }: SearchFieldProps) {
  const [typed, setTyped] = useState<string | null>(null);
  useEffect(() => {
    if (typed === null) return;
    const timer = setTimeout(() => {
      setTyped(null);
      if (typed.trim() !== value) onChange(typed.trim());
    }, WAIT_MS);
    return () => clearTimeout(timer);
  }, [typed, value, onChange]);
  return <input type="search" className={`control min-w-0 ${className}`} aria-label={label} placeholder={label} value={typed ?? value} onChange={(event) => setTyped(event.target.value)} />;
}
