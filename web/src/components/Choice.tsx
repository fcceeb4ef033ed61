import { useId } from "react";

interface ChoiceProps<T extends string> {
  legend: string;
  options: readonly { value: T; text: string; hint: string }[];
  value: T;
  onChange: (value: T) => void;
}

/** A choice of few, each with a line that explains it. */
export function Choice<T extends string>({ legend, options, value, onChange }: ChoiceProps<T>) {
  const id = useId();
  return (
    <fieldset className="flex flex-col gap-1.5">
      <legend className="mb-1 text-[0.8125rem] font-medium">{legend}</legend>
      {options.map((option) => (
        <label
          key={option.value}
          className="grid cursor-pointer grid-cols-[auto_minmax(0,1fr)] items-center gap-x-2.5 rounded-md border border-line px-3 py-2 text-[0.8125rem] has-checked:border-accent has-checked:bg-accent-wash"
        >
          <input type="radio" name={id} className="size-4 accent-accent-fill" checked={option.value === value} onChange={() => onChange(option.value)} />
          <span className="font-medium">{option.text}</span>
          <span className="col-start-2 text-xs text-ink-soft">{option.hint}</span>
        </label>
      ))}
    </fieldset>
  );
}
