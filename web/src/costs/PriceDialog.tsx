import { useState, type FormEvent } from "react";
import { savePriceOverride } from "../api/costs";
import type { PriceOverride, SetPrice } from "../api/types";
import { useChange } from "../announce/useChange";
import { Dialog } from "../components/Dialog";
import { DialogActions } from "../components/DialogActions";
import { Field } from "../components/Field";
import { fieldProblem } from "../components/problem";
import { ProblemNotice } from "../components/ProblemNotice";
import { FIELD_NAMES, priceOf, type PriceDraft } from "./draft";
import { FURTHER_UNITS, USUAL_UNITS, type PriceUnit } from "./units";

interface PriceDialogProps {
  /** The price that is changed; null for a new one. */
  id: string | null;
  first: PriceDraft;
  onSaved: (price: PriceOverride) => void;
  onClose: () => void;
}

const isSet = (text: string | undefined) => Boolean(text?.trim());

/** Asks what which models cost, and under which conditions. */
export function PriceDialog({ id, first, onSaved, onClose }: PriceDialogProps) {
  const [draft, setDraft] = useState(first);
  const saving = useChange({
    make: (client, price: SetPrice) => savePriceOverride(client, id, price),
    told: ({ models }) => `The price of ${models.join(", ")} is set.`,
    changes: ["price-overrides"],
  });
  const change = (part: Partial<PriceDraft>) => setDraft({ ...draft, ...part });
  const problem = (field: string) => fieldProblem(saving.error, field);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    saving.mutate(priceOf(draft), { onSuccess: onSaved });
  };
  const price = (unit: PriceUnit) => (
    <Field
      key={unit.name}
      label={unit.text}
      hint={`US dollars ${unit.per}`}
      inputMode="decimal"
      autoFocus={unit.name === "input" && Boolean(first.provider)}
      value={draft.prices[unit.name] ?? ""}
      onChange={(text) => change({ prices: { ...draft.prices, [unit.name]: text } })}
      problem={problem(unit.name)}
    />
  );
  const hasFurther = FURTHER_UNITS.some(({ name }) => isSet(first.prices[name]));
  const hasConditions = [first.tier, first.above, first.region, first.offPeak, first.variant, first.until].some(isSet);
  return (
    <Dialog title={id === null ? "Set a price" : "Change the price"} onClose={onClose}>
      <form className="flex flex-col gap-4" onSubmit={submit} noValidate>
        <Field label="Provider" hint="As in the calls' rows, or the host of one without a name." placeholder="OPENAI" autoFocus={!first.provider} value={draft.provider} onChange={(provider) => change({ provider })} problem={problem("provider")} />
        <Field label="Models" hint="Several are separated by commas; a name that ends with * stands for all that begin like it." placeholder="acme-large*" value={draft.models} onChange={(models) => change({ models })} problem={problem("models")} />
        <div className="grid grid-cols-2 items-start gap-3">{USUAL_UNITS.map(price)}</div>
        {problem("prices") && <ProblemNotice error={saving.error} />}
        <Field label="Valid from" hint="The first day (UTC); calls of days before keep their price. Empty is ever." type="date" value={draft.from} onChange={(from) => change({ from })} problem={problem("from")} />
        <details open={hasFurther} className="rounded-md border border-line px-3 py-2">
          <summary className="text-[0.8125rem] font-medium">Further units</summary>
          <div className="grid grid-cols-2 items-start gap-3 pt-3">{FURTHER_UNITS.map(price)}</div>
        </details>
        <details open={hasConditions} className="rounded-md border border-line px-3 py-2">
          <summary className="text-[0.8125rem] font-medium">Conditions</summary>
          <div className="grid grid-cols-2 items-start gap-3 pt-3">
            <Field label="Service tier" hint="Empty is the standard one." placeholder="batch" value={draft.tier} onChange={(tier) => change({ tier })} problem={problem("tier")} />
            <Field label="Above input tokens" hint="Holds for longer inputs only." inputMode="numeric" placeholder="200000" value={draft.above} onChange={(above) => change({ above })} problem={problem("above_input_tokens")} />
            <Field label="Region" placeholder="us-east-1" value={draft.region} onChange={(region) => change({ region })} problem={problem("region")} />
            <Field label="Part of the day" hint="UTC" placeholder="16:30-00:30" value={draft.offPeak} onChange={(offPeak) => change({ offPeak })} problem={problem("off_peak")} />
            <Field label="Variant" placeholder="hd/1024x1792" value={draft.variant} onChange={(variant) => change({ variant })} problem={problem("variant")} />
            <Field label="Valid until" hint="The first day on which it holds no longer." type="date" value={draft.until} onChange={(until) => change({ until })} problem={problem("until")} />
          </div>
        </details>
        <ProblemNotice error={saving.error} fields={[...FIELD_NAMES, "prices"]} />
        <DialogActions action={id === null ? "Set price" : "Change price"} doing="Saving…" isPending={saving.isPending} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
