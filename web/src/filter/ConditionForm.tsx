import { useState, type FormEvent } from "react";
import { useKeyNames } from "../keys/useKeyNames";
import { fieldOf, operatorsOf } from "./fields";
import { isComplete, type Condition } from "./tree";
import { useKeySuggestions, useSuggestions } from "./useSuggestions";
import { ValueField } from "./ValueField";

interface ConditionFormProps {
  condition: Condition;
  action: string;
  onDone: (condition: Condition) => void;
  onRemove?: () => void;
}

const OFFERED = 8;

/** One condition, with the values that were common of late a click away. */
export function ConditionForm({ condition, action, onDone, onRemove }: ConditionFormProps) {
  const [draft, setDraft] = useState(condition);
  const field = fieldOf(draft.table, draft.column, draft.value, draft.key !== undefined);
  const keys = useKeySuggestions(field);
  const suggestions = useSuggestions(field, draft.key);
  const keyNames = useKeyNames(field.suggests === "key");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isComplete(draft)) onDone(draft);
  };
  const typed = String(draft.value).toLowerCase();
  const offered = suggestions.filter(({ value }) => `${value} ${keyNames.get(value) ?? ""}`.toLowerCase().includes(typed) || draft.value === condition.value).slice(0, OFFERED);
  const pick = (value: string) => onDone({ ...draft, operator: "equals", value: field.type === "number" ? Number(value) : value });
  return (
    <form className="flex flex-col gap-2" onSubmit={submit}>
      <p className="text-[0.8125rem] font-medium">{field.label}</p>
      {field.isMap && (
        <>
          <input
            className="control w-full"
            aria-label={`Name of ${field.label.toLowerCase()}`}
            placeholder="name"
            list="filter-keys"
            autoComplete="off"
            spellCheck={false}
            autoFocus={!draft.key}
            value={draft.key ?? ""}
            onChange={(event) => setDraft({ ...draft, key: event.target.value })}
          />
          <datalist id="filter-keys">
            {keys.map(({ value }) => (
              <option key={value} value={value} aria-label={value} />
            ))}
          </datalist>
        </>
      )}
      <div className="flex gap-2">
        {operatorsOf(field).length > 1 && (
          <select className="control w-32 shrink-0" aria-label="Comparison" value={draft.operator} onChange={(event) => setDraft({ ...draft, operator: event.target.value })}>
            {operatorsOf(field).map(({ name, text }) => (
              <option key={name} value={name}>
                {text}
              </option>
            ))}
          </select>
        )}
        <ValueField field={field} value={draft.value} suggestions={[]} autoFocus={!field.isMap || Boolean(draft.key)} onChange={(value) => setDraft({ ...draft, value })} />
      </div>
      {offered.length > 0 && (
        <ul className="max-h-56 overflow-y-auto" aria-label="Common values">
          {offered.map(({ value, requests }) => (
            <li key={value}>
              <button type="button" className="flex h-7 w-full items-center justify-between gap-3 rounded-md px-2 text-left hover:bg-raised" onClick={() => pick(value)}>
                <span className="min-w-0 truncate" title={value}>
                  {keyNames.get(value) ?? value}
                </span>
                <span className="text-xs text-ink-faint tabular-nums">{requests.toLocaleString("en-US")}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <div className="flex justify-end gap-2">
        {onRemove && (
          <button type="button" className="button-quiet mr-auto h-8" onClick={onRemove}>
            Remove
          </button>
        )}
        <button type="submit" className="button-primary" disabled={!isComplete(draft)}>
          {action}
        </button>
      </div>
    </form>
  );
}
