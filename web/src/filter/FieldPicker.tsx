import { useId, useState, type KeyboardEvent } from "react";
import type { Field } from "./fields";

interface FieldPickerProps {
  fields: readonly Field[];
  onPick: (field: Field) => void;
}

/** A list of fields that narrows to what is typed. */
export function FieldPicker({ fields, onPick }: FieldPickerProps) {
  const id = useId();
  const [typed, setTyped] = useState("");
  const [active, setActive] = useState(0);
  const found = fields.filter(({ label, column }) => `${label} ${column}`.toLowerCase().includes(typed.trim().toLowerCase()));
  const current = found[Math.min(active, found.length - 1)];
  const optionId = (field: Field) => `${id}-${field.table}-${field.column}`;
  const press = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[event.key];
    if (event.key === "Enter" && current) {
      event.preventDefault();
      onPick(current);
    } else if (step !== undefined && found.length > 0) {
      event.preventDefault();
      const next = (Math.min(active, found.length - 1) + step + found.length) % found.length;
      setActive(next);
      document.getElementById(optionId(found[next] as Field))?.scrollIntoView({ block: "nearest" });
    }
  };
  return (
    <div className="flex flex-col gap-2">
      <input
        className="control w-full"
        role="combobox"
        aria-label="Filter by"
        aria-expanded="true"
        aria-controls={id}
        aria-activedescendant={current && optionId(current)}
        aria-autocomplete="list"
        placeholder="Filter by…"
        autoFocus
        autoComplete="off"
        spellCheck={false}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setActive(0);
        }}
        onKeyDown={press}
      />
      <div id={id} role="listbox" aria-label="Fields" className="max-h-80 overflow-y-auto">
        {found.map((field, index) => (
          <div
            key={optionId(field)}
            id={optionId(field)}
            role="option"
            aria-selected={field === current}
            tabIndex={-1}
            className="flex h-7 cursor-pointer items-center justify-between gap-3 rounded-md px-2 aria-selected:bg-raised"
            onPointerMove={() => setActive(index)}
            onClick={() => onPick(field)}
            onKeyDown={press}
          >
            {field.label}
            {found[index - 1]?.section !== field.section && <span className="text-xs text-ink-faint">{field.section}</span>}
          </div>
        ))}
      </div>
      {found.length === 0 && <p className="px-2 py-1 text-ink-faint">No such field</p>}
    </div>
  );
}
