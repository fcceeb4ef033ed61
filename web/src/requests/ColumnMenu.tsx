import { useState, type FormEvent } from "react";
import { Icon } from "../components/Icon";
import { Popover } from "../components/Popover";
import { groupOf } from "../metrics/query";
import { useMetrics } from "../metrics/useMetrics";
import { DEFAULT_CHOICE, moveColumn, resizeColumn, toggleColumn, type ColumnChoice } from "./choice";
import { columnOf, COLUMNS } from "./columns";

interface ColumnMenuProps {
  choice: ColumnChoice;
  onChange: (choice: ColumnChoice) => void;
}

const WIDTH_STEP = 24;
const MOST_NAMES = 100;

/** Which columns the list has, in which order and how wide. */
export function ColumnMenu({ choice, onChange }: ColumnMenuProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Popover
      label="Columns"
      isOpen={isOpen}
      onOpenChange={setOpen}
      align="end"
      className="w-84"
      trigger={
        <button type="button" className="button">
          <Icon name="columns" />
          <span className="max-sm:sr-only">Columns</span>
        </button>
      }
    >
      <Shown choice={choice} onChange={onChange} />
      <Hidden choice={choice} onChange={onChange} />
    </Popover>
  );
}

function Shown({ choice, onChange }: ColumnMenuProps) {
  return (
    <section aria-label="Shown columns">
      <div className="flex items-center justify-between pb-1">
        <h3 className="text-xs font-medium text-ink-faint">Shown</h3>
        <button type="button" className="button-quiet" onClick={() => onChange(DEFAULT_CHOICE)}>
          Reset
        </button>
      </div>
      <ul className="flex flex-col">
        {choice.names.map((name, index) => {
          const column = columnOf(name);
          const heading = column?.heading ?? name;
          const width = choice.widths[name] ?? column?.width ?? 0;
          return (
            <li key={name} className="group flex h-8 items-center gap-0.5">
              <label className="flex min-w-0 flex-1 items-center gap-2">
                <input type="checkbox" className="size-4 accent-accent-fill" checked onChange={() => onChange(toggleColumn(choice, name))} />
                <span className="truncate">{heading}</span>
              </label>
              <Small label={`Move ${heading} left`} icon="up" isDisabled={index === 0} onClick={() => onChange(moveColumn(choice, name, -1))} />
              <Small label={`Move ${heading} right`} icon="down" isDisabled={index === choice.names.length - 1} onClick={() => onChange(moveColumn(choice, name, 1))} />
              <Small label={`Make ${heading} narrower`} text="−" onClick={() => onChange(resizeColumn(choice, name, width - WIDTH_STEP))} />
              <Small label={`Make ${heading} wider`} text="+" onClick={() => onChange(resizeColumn(choice, name, width + WIDTH_STEP))} />
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Small({ label, icon, text, isDisabled = false, onClick }: { label: string; icon?: "up" | "down"; text?: string; isDisabled?: boolean; onClick: () => void }) {
  return (
    <button type="button" className="button-quiet size-6 justify-center px-0" aria-label={label} title={label} disabled={isDisabled} onClick={onClick}>
      {icon ? <Icon name={icon} /> : text}
    </button>
  );
}

function Hidden({ choice, onChange }: ColumnMenuProps) {
  const left = COLUMNS.filter(({ name }) => !choice.names.includes(name));
  return (
    <section aria-label="Further columns" className="mt-2 border-t border-line pt-2">
      <h3 className="pb-1 text-xs font-medium text-ink-faint">Further columns</h3>
      <ul className="grid grid-cols-2">
        {left.map(({ name, heading }) => (
          <li key={name}>
            <label className="flex h-7 items-center gap-2">
              <input type="checkbox" className="size-4 accent-accent-fill" checked={false} onChange={() => onChange(toggleColumn(choice, name))} />
              <span className="truncate">{heading}</span>
            </label>
          </li>
        ))}
      </ul>
      <NamedColumn kind="property" choice={choice} onChange={onChange} />
      <NamedColumn kind="score" choice={choice} onChange={onChange} />
    </section>
  );
}

const KINDS = { property: { text: "Property", group: "propertyName" }, score: { text: "Score", group: "scoreName" } } as const;

/** A column for one property, or for one score. */
function NamedColumn({ kind, choice, onChange }: ColumnMenuProps & { kind: keyof typeof KINDS }) {
  const [typed, setTyped] = useState("");
  const { text, group } = KINDS[kind];
  const query = useMetrics({ time: { range: "30d" }, groupBy: [group], measures: ["requests"], sort: [{ by: "requests", direction: "desc" }], limit: MOST_NAMES });
  const add = (event: FormEvent) => {
    event.preventDefault();
    const name = `${kind}:${typed.trim()}`;
    if (typed.trim() && !choice.names.includes(name)) onChange(toggleColumn(choice, name));
    setTyped("");
  };
  return (
    <form className="mt-2 flex gap-2" onSubmit={add}>
      <input className="control min-w-0 flex-1" aria-label={`${text} to show as a column`} placeholder={`${text} name`} list={`column-${kind}`} autoComplete="off" value={typed} onChange={(event) => setTyped(event.target.value)} />
      <datalist id={`column-${kind}`}>
        {(query.data?.rows ?? []).map((row) => (
          <option key={groupOf(row, group)} value={groupOf(row, group)} aria-label={groupOf(row, group)} />
        ))}
      </datalist>
      <button type="submit" className="button" disabled={typed.trim() === ""}>
        Add
      </button>
    </form>
  );
}
