import { Icon } from "../components/Icon";
import { Segmented } from "../components/Segmented";
import { fieldOf, operatorsOf, type Field } from "./fields";
import { newCondition, type Condition, type Group, type Item } from "./tree";
import { useKeySuggestions, useSuggestions } from "./useSuggestions";
import { ValueField } from "./ValueField";

interface GroupEditorProps {
  group: Group;
  fields: readonly Field[];
  depth?: number;
  onChange: (group: Group) => void;
  onRemove?: () => void;
}

const JOINS = [
  { value: "and", text: "All hold" },
  { value: "or", text: "Any holds" },
] as const;
/** Deeper groups than this nobody reads. */
const MAX_DEPTH = 5;

/** A group of conditions and of further groups. */
export function GroupEditor({ group, fields, depth = 0, onChange, onRemove }: GroupEditorProps) {
  const [first] = fields;
  const replace = (index: number, item: Item | null) => {
    const items = item === null ? group.items.filter((_, at) => at !== index) : group.items.map((old, at) => (at === index ? item : old));
    onChange({ ...group, items });
  };
  const add = (item: Item) => onChange({ ...group, items: [...group.items, item] });
  return (
    <fieldset className={`flex min-w-0 flex-col gap-2 ${depth > 0 ? "rounded-md border border-line bg-raised/50 p-2" : ""}`}>
      <legend className="sr-only">{depth === 0 ? "Conditions" : "Group of conditions"}</legend>
      <div className="flex flex-wrap items-center gap-2">
        <Segmented label="Which conditions must hold" options={JOINS} value={group.operator} onChange={(operator) => onChange({ ...group, operator })} />
        {first && (
          <button type="button" className="button-quiet" onClick={() => add(newCondition(first))}>
            <Icon name="plus" />
            Condition
          </button>
        )}
        {first && depth < MAX_DEPTH && (
          <button type="button" className="button-quiet" onClick={() => add({ kind: "group", operator: group.operator === "and" ? "or" : "and", items: [newCondition(first)] })}>
            <Icon name="plus" />
            Group
          </button>
        )}
        {onRemove && (
          <button type="button" className="button-quiet ml-auto" aria-label="Remove this group" onClick={onRemove}>
            <Icon name="close" />
          </button>
        )}
      </div>
      {group.items.length > 0 && (
        <ul className="flex flex-col gap-2">
          {group.items.map((item, index) => (
            <li key={index} className="min-w-0">
              {item.kind === "group" ? (
                <GroupEditor group={item} fields={fields} depth={depth + 1} onChange={(next) => replace(index, next)} onRemove={() => replace(index, null)} />
              ) : (
                <ConditionLine condition={item} fields={fields} onChange={(next) => replace(index, next)} onRemove={() => replace(index, null)} />
              )}
            </li>
          ))}
        </ul>
      )}
    </fieldset>
  );
}

interface ConditionLineProps {
  condition: Condition;
  fields: readonly Field[];
  onChange: (condition: Condition) => void;
  onRemove: () => void;
}

function ConditionLine({ condition, fields, onChange, onRemove }: ConditionLineProps) {
  const field = fieldOf(condition.table, condition.column, condition.value, condition.key !== undefined);
  const keys = useKeySuggestions(field);
  const suggestions = useSuggestions(field, condition.key);
  const nameOf = ({ table, column }: Field) => `${table}.${column}`;
  const offered = fields.some((known) => nameOf(known) === nameOf(field)) ? fields : [...fields, field];
  const sections = [...new Set(offered.map(({ section }) => section))];
  return (
    <div className="flex flex-wrap items-center gap-2">
      <select
        className="control w-44"
        aria-label="Field"
        value={nameOf(field)}
        onChange={(event) => {
          const chosen = offered.find((known) => nameOf(known) === event.target.value);
          if (chosen) onChange(newCondition(chosen));
        }}
      >
        {sections.map((section) => (
          <optgroup key={section} label={section}>
            {offered
              .filter((known) => known.section === section)
              .map((known) => (
                <option key={nameOf(known)} value={nameOf(known)}>
                  {known.label}
                </option>
              ))}
          </optgroup>
        ))}
      </select>
      {field.isMap && (
        <ValueField
          field={{ ...field, type: "text", label: `${field.label} name` }}
          value={condition.key ?? ""}
          suggestions={keys}
          className="w-36"
          onChange={(key) => onChange({ ...condition, key: String(key) })}
        />
      )}
      <select className="control w-36" aria-label="Comparison" value={condition.operator} onChange={(event) => onChange({ ...condition, operator: event.target.value })}>
        {operatorsOf(field).map(({ name, text }) => (
          <option key={name} value={name}>
            {text}
          </option>
        ))}
      </select>
      <ValueField field={field} value={condition.value} suggestions={suggestions} className="w-44 flex-1 sm:max-w-80" onChange={(value) => onChange({ ...condition, value })} />
      <button type="button" className="button-quiet px-1.5" aria-label={`Remove the condition on ${field.label}`} onClick={onRemove}>
        <Icon name="close" />
      </button>
    </div>
  );
}
