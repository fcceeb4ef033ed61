import { memo, useState, type ReactNode } from "react";
import type { FilterNode } from "../api/types";
import { Icon } from "../components/Icon";
import { Popover } from "../components/Popover";
import { useKeyNames } from "../keys/useKeyNames";
import { ConditionForm } from "./ConditionForm";
import { FieldPicker } from "./FieldPicker";
import { FIELDS, type Field } from "./fields";
import { GroupEditor } from "./GroupEditor";
import { SavedFilters } from "./SavedFilters";
import { countConditions, describeCondition, describeTree, newCondition, simpleConditions, toNode, toTree, type Condition, type Group } from "./tree";

/** Whose values are ids of keys, which have names. */
const KEY_COLUMN = "key_id";

interface FilterBarProps {
  filter: FilterNode;
  onChange: (filter: FilterNode) => void;
  /** What can be compared; what calls have unless said otherwise. */
  fields?: readonly Field[];
  /** Further controls in the same line. */
  children?: ReactNode;
}

/** The filter of a page: a chip for each condition, and a builder for filters that chips cannot show. */
export const FilterBar = memo(function FilterBar({ filter, onChange, fields = FIELDS, children }: FilterBarProps) {
  const [isBuilding, setBuilding] = useState(false);
  const tree = toTree(filter);
  const conditions = simpleConditions(tree);
  const change = (items: Condition[]) => onChange(toNode({ kind: "group", operator: "and", items }));
  const add = (condition: Condition) => {
    const items = conditions ?? [tree];
    onChange(toNode({ kind: "group", operator: "and", items: [...items, condition] }));
  };
  return (
    <search aria-label="Filter" className="flex min-w-0 flex-col gap-2">
      <div className="flex flex-wrap items-center gap-1.5">
        <AddFilter fields={fields} onAdd={add} />
        {conditions?.map((condition, index) => (
          <Chip
            key={`${index} ${describeCondition(condition)}`}
            condition={condition}
            onChange={(next) => change(conditions.map((old, at) => (at === index ? next : old)))}
            onRemove={() => change(conditions.filter((_, at) => at !== index))}
          />
        ))}
        {conditions === null && (
          <button type="button" className="button max-w-full min-w-0 border-accent text-accent" aria-expanded={isBuilding} onClick={() => setBuilding(!isBuilding)}>
            <span className="truncate">{describeTree(tree)}</span>
          </button>
        )}
        {filter !== "all" && (
          <button type="button" className="button-quiet" onClick={() => onChange("all")}>
            Clear
          </button>
        )}
        <button type="button" className="button-quiet aria-expanded:bg-accent-wash aria-expanded:text-accent" aria-expanded={isBuilding} onClick={() => setBuilding(!isBuilding)}>
          Advanced
        </button>
        <SavedFilters filter={filter} suggestedName={describeTree(tree)} onChoose={onChange} />
        {children}
      </div>
      {isBuilding && <Builder key={JSON.stringify(filter)} tree={tree} fields={fields} onChange={onChange} onClose={() => setBuilding(false)} />}
    </search>
  );
});

function AddFilter({ fields, onAdd }: { fields: readonly Field[]; onAdd: (condition: Condition) => void }) {
  const [isOpen, setOpen] = useState(false);
  const [field, setField] = useState<Field | null>(null);
  const open = (next: boolean) => {
    setField(null);
    setOpen(next);
  };
  const done = (condition: Condition) => {
    onAdd(condition);
    open(false);
  };
  return (
    <Popover
      label="Add a filter"
      isOpen={isOpen}
      onOpenChange={open}
      className="w-80"
      trigger={
        <button type="button" className="button" data-shortcut="filter" aria-keyshortcuts="/">
          <Icon name="filter" />
          Filter
        </button>
      }
    >
      {field === null ? <FieldPicker fields={fields} onPick={setField} /> : <ConditionForm condition={newCondition(field)} action="Add" onDone={done} />}
    </Popover>
  );
}

interface ChipProps {
  condition: Condition;
  onChange: (condition: Condition) => void;
  onRemove: () => void;
}

function Chip({ condition, onChange, onRemove }: ChipProps) {
  const [isOpen, setOpen] = useState(false);
  const keyNames = useKeyNames(condition.column === KEY_COLUMN);
  const named = condition.column === KEY_COLUMN ? keyNames.get(String(condition.value)) : undefined;
  const text = describeCondition(named === undefined ? condition : { ...condition, value: named });
  return (
    <span className="inline-flex h-8 max-w-full min-w-0 items-center rounded-md border border-accent bg-accent-wash text-[0.8125rem] text-accent">
      <Popover
        label={`Filter ${text}`}
        isOpen={isOpen}
        onOpenChange={setOpen}
        className="w-80"
        trigger={
          <button type="button" className="h-full min-w-0 truncate rounded-l-md pr-1 pl-2.5 hover:underline" title={text}>
            {text}
          </button>
        }
      >
        <ConditionForm
          condition={condition}
          action="Apply"
          onDone={(next) => {
            setOpen(false);
            onChange(next);
          }}
          onRemove={onRemove}
        />
      </Popover>
      <button type="button" className="grid h-full w-7 shrink-0 place-items-center rounded-r-md hover:bg-surface" aria-label={`Remove filter ${text}`} onClick={onRemove}>
        <Icon name="close" />
      </button>
    </span>
  );
}

interface BuilderProps {
  tree: Group;
  fields: readonly Field[];
  onChange: (filter: FilterNode) => void;
  onClose: () => void;
}

function Builder({ tree, fields, onChange, onClose }: BuilderProps) {
  const [draft, setDraft] = useState(tree);
  const count = countConditions(draft);
  return (
    <div className="panel flex flex-col gap-3 p-3">
      <GroupEditor group={draft} fields={fields} onChange={setDraft} />
      <div className="flex flex-wrap items-center gap-2">
        <button type="button" className="button-primary" onClick={() => onChange(toNode(draft))}>
          Apply
        </button>
        <button type="button" className="button" onClick={onClose}>
          Close
        </button>
        <span className="text-xs text-ink-faint">{count === 1 ? "1 condition" : `${count} conditions`}; incomplete ones are left out.</span>
      </div>
    </div>
  );
}
