import { useId, type InputHTMLAttributes } from "react";
import { Prose } from "./Prose";

interface FieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, "id" | "onChange"> {
  label: string;
  hint?: string;
  problem: string | null;
  onChange: (value: string) => void;
}

/** A text field with its name, a hint, and what is wrong with it. */
export function Field({ label, hint, problem, onChange, className = "", ...input }: FieldProps) {
  const id = useId();
  const described = [hint && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(" ");
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className="text-[0.8125rem] font-medium">
        {label}
      </label>
      <input
        {...input}
        id={id}
        className={`control h-9 w-full aria-invalid:border-bad ${className}`}
        autoComplete={input.autoComplete ?? "off"}
        spellCheck={false}
        aria-invalid={problem !== null || undefined}
        aria-describedby={described || undefined}
        onChange={(event) => onChange(event.target.value)}
      />
      {hint && (
        <p id={`${id}-hint`} className="text-xs text-ink-soft">
          {hint}
        </p>
      )}
      {problem && (
        <p id={`${id}-problem`} role="alert" className="text-xs text-bad">
          <Prose text={problem} />
        </p>
      )}
    </div>
  );
}
