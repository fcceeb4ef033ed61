import { Field } from "../components/Field";
import { Icon } from "../components/Icon";
import { SelectField } from "../components/SelectField";
import { FIRST_LIMIT, limitOf, MAX_LIMITS, type LimitDraft } from "./limits";

const AMOUNTS = [
  { value: "dollars", text: "US dollars" },
  { value: "calls", text: "calls" },
  { value: "tokens", text: "tokens" },
] as const;

const SPANS = [
  { value: "minutes", text: "minutes" },
  { value: "hours", text: "hours" },
  { value: "days", text: "days" },
] as const;

interface LimitFieldsProps {
  drafts: readonly LimitDraft[];
  onChange: (drafts: LimitDraft[]) => void;
}

/** The limits of a proxy key, one under the other; all of them hold. */
export function LimitFields({ drafts, onChange }: LimitFieldsProps) {
  const change = (index: number, part: Partial<LimitDraft>) => onChange(drafts.map((draft, at) => (at === index ? { ...draft, ...part } : draft)));
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="mb-1 text-[0.8125rem] font-medium">Limits</legend>
      {drafts.length === 0 && <p className="text-xs text-ink-soft">Without a limit it may be used as much as the provider's key.</p>}
      {drafts.map((draft, index) => (
        <div key={index} role="group" aria-label={`Limit ${index + 1}`} className="grid grid-cols-[1fr_1fr_auto] items-end gap-2 rounded-md border border-line p-3">
          <Field label="At most" inputMode="decimal" required value={draft.amount} onChange={(amount) => change(index, { amount })} problem={null} />
          <SelectField label="Of" options={AMOUNTS} value={draft.of} onChange={(of) => change(index, { of })} />
          <button type="button" className="button-quiet h-9" aria-label={`Remove limit ${index + 1}`} onClick={() => onChange(drafts.filter((_, at) => at !== index))}>
            <Icon name="close" />
          </button>
          <Field label="In any" inputMode="decimal" required value={draft.window} onChange={(window) => change(index, { window })} problem={null} />
          <SelectField label="Unit of time" options={SPANS} value={draft.span} onChange={(span) => change(index, { span })} />
          {limitOf(draft) === null && <p className="col-span-full text-xs text-bad">An amount above zero, in up to 365 days; calls and tokens are whole numbers.</p>}
        </div>
      ))}
      {drafts.length < MAX_LIMITS && (
        <button type="button" className="button w-fit" onClick={() => onChange([...drafts, FIRST_LIMIT])}>
          <Icon name="plus" />
          Add a limit
        </button>
      )}
    </fieldset>
  );
}
