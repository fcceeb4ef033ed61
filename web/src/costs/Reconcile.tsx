import { useId, useState, type FormEvent } from "react";
import { reconcileCosts } from "../api/costs";
import { useChange } from "../announce/useChange";
import { BusyButton } from "../components/BusyButton";
import { Field } from "../components/Field";
import { fieldProblem } from "../components/problem";
import { ProblemNotice } from "../components/ProblemNotice";
import { Section } from "../components/Section";
import { DriftReport } from "./DriftReport";

interface ReconcileProps {
  /** The providers that calls name. */
  providers: string[];
}

/** Compares what a provider charged with what we computed. */
export function Reconcile({ providers }: ReconcileProps) {
  const id = useId();
  const [provider, setProvider] = useState("");
  const [file, setFile] = useState<File | null>(null);
  const [isMissing, setIsMissing] = useState(false);
  const comparison = useChange({
    make: async (client, chosen: File) => reconcileCosts(client, provider.trim(), await chosen.text()),
    told: (result) => `Compared with what ${result.provider} charged from ${result.from}.`,
    changes: [],
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setIsMissing(file === null);
    if (file) comparison.mutate(file);
  };
  return (
    <Section
      title="Reconcile"
      lead="Lay a provider's own export of costs beside ours: OpenAI's costs and Anthropic's cost report, as JSON or CSV, or any CSV with the columns date, model and amount_usd. Nothing of it is stored."
    >
      <form className="panel flex flex-col gap-3 p-3 sm:p-4" onSubmit={submit}>
        <div className="grid items-start gap-3 sm:grid-cols-2">
          <Field label="Provider" placeholder="OPENAI" list={`${id}-providers`} value={provider} onChange={setProvider} problem={fieldProblem(comparison.error, "provider")} />
          <datalist id={`${id}-providers`}>
            {providers.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </datalist>
          <div className="flex min-w-0 flex-col gap-1">
            <label htmlFor={`${id}-file`} className="text-[0.8125rem] font-medium">
              Export
            </label>
            <input
              id={`${id}-file`}
              type="file"
              accept=".csv,.json,text/csv,application/json"
              className="min-w-0 text-[0.8125rem] file:mr-3 file:h-9 file:cursor-pointer file:rounded-md file:border file:border-line-strong file:bg-surface file:px-3 file:font-medium file:text-ink hover:file:bg-raised"
              aria-invalid={isMissing || undefined}
              aria-describedby={isMissing ? `${id}-missing` : undefined}
              onChange={(event) => setFile(event.target.files?.[0] ?? null)}
            />
            {isMissing && (
              <p id={`${id}-missing`} role="alert" className="text-xs text-bad">
                Choose the file that the provider gave you
              </p>
            )}
          </div>
        </div>
        <ProblemNotice error={comparison.error} fields={["provider"]} />
        <div>
          <BusyButton type="submit" className="button" isBusy={comparison.isPending}>
            {comparison.isPending ? "Comparing…" : "Compare"}
          </BusyButton>
        </div>
      </form>
      {comparison.data && <DriftReport result={comparison.data} />}
    </Section>
  );
}
