import { useId } from "react";
import { fromLocalInput, toLocalInput } from "../format/time";
import type { Field } from "./fields";
import type { Suggestion } from "./useSuggestions";

type Value = string | number | boolean;

interface ValueFieldProps {
  field: Field;
  value: Value;
  suggestions: readonly Suggestion[];
  className?: string;
  autoFocus?: boolean;
  onChange: (value: Value) => void;
}

/** The value that a field is compared with, in the field's own kind of input. */
export function ValueField({ field, value, suggestions, className = "w-full", autoFocus = false, onChange }: ValueFieldProps) {
  const id = useId();
  const label = `Value of ${field.label}`;
  if (field.type === "boolean") {
    return (
      <select className={`control ${className}`} aria-label={label} value={String(value)} onChange={(event) => onChange(event.target.value === "true")}>
        <option value="true">yes</option>
        <option value="false">no</option>
      </select>
    );
  }
  if (field.choices !== undefined) {
    return (
      <select className={`control ${className}`} aria-label={label} value={String(value)} onChange={(event) => onChange(event.target.value)}>
        <option value="">Choose…</option>
        {field.choices.map((choice) => (
          <option key={choice} value={choice}>
            {choice.replaceAll("_", " ")}
          </option>
        ))}
      </select>
    );
  }
  if (field.type === "time") {
    const change = (text: string) => onChange(fromLocalInput(text) ?? "");
    return <input type="datetime-local" className={`control ${className}`} aria-label={label} value={toLocalInput(String(value))} onChange={(event) => change(event.target.value)} />;
  }
  const isNumber = field.type === "number";
  return (
    <span className={`relative inline-flex items-center ${className}`}>
      {field.unit === "$" && <span className="absolute left-2.5 text-ink-faint">$</span>}
      <input
        type={isNumber ? "number" : "text"}
        step="any"
        className={`control w-full min-w-0 ${field.unit === "$" ? "pl-6" : field.unit ? "pr-12" : ""}`}
        aria-label={label}
        placeholder={isNumber ? "0" : "value"}
        list={suggestions.length > 0 ? id : undefined}
        autoComplete="off"
        spellCheck={false}
        autoFocus={autoFocus}
        value={String(value)}
        onChange={(event) => onChange(isNumber ? numberOf(event.target.value) : event.target.value)}
      />
      {field.unit && field.unit !== "$" && <span className="pointer-events-none absolute right-2.5 text-xs text-ink-faint">{field.unit}</span>}
      {suggestions.length > 0 && (
        <datalist id={id}>
          {suggestions.map((suggestion) => (
            <option key={suggestion.value} value={suggestion.value} aria-label={suggestion.value} />
          ))}
        </datalist>
      )}
    </span>
  );
}

/** What is no number yet stays what it is: the condition is not complete then. */
function numberOf(text: string): number | string {
  return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}
