import { useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { listKeys } from "../api/control";
import { createRateLimit, type WantedRateLimit } from "../api/rateLimits";
import { useChange } from "../announce/useChange";
import { Dialog } from "../components/Dialog";
import { DialogActions } from "../components/DialogActions";
import { Field } from "../components/Field";
import { fieldProblem } from "../components/problem";
import { ProblemNotice } from "../components/ProblemNotice";
import { SelectField } from "../components/SelectField";
import { useClient } from "../session/ClientContext";
import { FIRST_DRAFT, policyOf } from "./draft";
import { policyProblems, policyText } from "./policy";
import { PolicyFields } from "./PolicyFields";

const ALL_KEYS = { value: "", text: "all keys" };

interface CreateRateLimitDialogProps {
  onClose: () => void;
}

/** Asks what is allowed, in which time, for whom and for which key. */
export function CreateRateLimitDialog({ onClose }: CreateRateLimitDialogProps) {
  const client = useClient();
  const [name, setName] = useState("");
  const [draft, setDraft] = useState(FIRST_DRAFT);
  const [keyId, setKeyId] = useState("");
  const keys = useQuery({ queryKey: ["keys"], queryFn: ({ signal }) => listKeys(client, signal) });
  const creation = useChange({
    make: (api, wanted: WantedRateLimit) => createRateLimit(api, wanted),
    told: (rule) => `“${rule.name}” limits calls now.`,
    changes: ["rate-limits"],
  });
  const policy = policyOf(draft);
  const usable = (keys.data ?? []).filter((key) => !key.soft_delete && key.key_permissions !== "r");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (Object.keys(policyProblems(policy)).length > 0) return;
    creation.mutate({ name: name.trim(), policy: policyText(policy), key_id: keyId || null }, { onSuccess: onClose });
  };
  return (
    <Dialog title="Add a rate limit" onClose={onClose}>
      <form className="flex flex-col gap-4" onSubmit={submit}>
        <Field
          label="Name"
          hint="What it is for; those whose calls it refuses don't see it."
          placeholder="free plan"
          required
          autoFocus
          maxLength={200}
          value={name}
          onChange={setName}
          problem={fieldProblem(creation.error, "name")}
        />
        <PolicyFields draft={draft} onChange={setDraft} />
        <SelectField label="Calls with" options={[ALL_KEYS, ...usable.map((key) => ({ value: key.id, text: `the key ${key.api_key_name}` }))]} value={keyId} onChange={setKeyId} />
        <ProblemNotice error={creation.error} fields={["name"]} />
        <DialogActions action="Add limit" doing="Adding…" isPending={creation.isPending} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
