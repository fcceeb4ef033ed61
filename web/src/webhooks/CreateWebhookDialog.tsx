import { useState, type FormEvent } from "react";
import { createWebhook, type WantedWebhook } from "../api/webhooks";
import type { Webhook } from "../api/types";
import { useChange } from "../announce/useChange";
import { Dialog } from "../components/Dialog";
import { DialogActions } from "../components/DialogActions";
import { Field } from "../components/Field";
import { fieldProblem } from "../components/problem";
import { ProblemNotice } from "../components/ProblemNotice";
import { parseProperty } from "../filter/property";

const FIELDS = ["destination", "config.sampleRate", "config.propertyFilters"];

interface CreateWebhookDialogProps {
  onCreated: (created: Webhook) => void;
  onClose: () => void;
}

/** Asks who is to be told, and of which calls. */
export function CreateWebhookDialog({ onCreated, onClose }: CreateWebhookDialogProps) {
  const [destination, setDestination] = useState("");
  const [sampleRate, setSampleRate] = useState("100");
  const [property, setProperty] = useState("");
  const [includeData, setIncludeData] = useState(true);
  const creation = useChange({
    make: (client, wanted: WantedWebhook) => createWebhook(client, wanted),
    told: () => "The webhook is made. Copy its key now.",
    changes: ["webhooks"],
    // A key that is made must be shown, even to those who closed the dialog meanwhile.
    then: onCreated,
  });
  const filter = parseProperty(property);
  const malformed = property.trim() !== "" && filter === null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (malformed) return;
    creation.mutate({ destination: destination.trim(), config: { sampleRate: Number(sampleRate), propertyFilters: filter ? [filter] : [] }, includeData });
  };
  return (
    <Dialog title="Add a webhook" onClose={onClose}>
      <form className="flex flex-col gap-4" onSubmit={submit}>
        <Field
          label="Destination"
          hint="A public https address. It gets a POST for each call, about a second after the call has ended."
          placeholder="https://example.com/hook"
          type="url"
          required
          autoFocus
          className="font-mono"
          value={destination}
          onChange={setDestination}
          problem={fieldProblem(creation.error, "destination")}
        />
        <Field
          label="Sample in per cent"
          hint="Of how many calls it is told; 100 is all of them."
          type="number"
          min={0}
          max={100}
          step={0.001}
          required
          value={sampleRate}
          onChange={setSampleRate}
          problem={fieldProblem(creation.error, "config.sampleRate")}
        />
        <Field
          label="Only calls with a property (optional)"
          hint="Written key=value, as in environment=production."
          value={property}
          onChange={setProperty}
          problem={malformed ? "write key=value, or leave it empty" : fieldProblem(creation.error, "config.propertyFilters")}
        />
        <label className="flex items-center gap-2 text-[0.8125rem]">
          <input type="checkbox" className="size-4 accent-accent-fill" checked={includeData} onChange={(event) => setIncludeData(event.target.checked)} />
          Tell model, tokens, cost and latency too
        </label>
        <ProblemNotice error={creation.error} fields={FIELDS} />
        <DialogActions action="Add webhook" doing="Adding…" isPending={creation.isPending} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
