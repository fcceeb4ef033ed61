import { useState, type FormEvent } from "react";
import { createProxyKey, type WantedProxyKey } from "../api/vault";
import type { ProviderKey } from "../api/types";
import { useChange } from "../announce/useChange";
import { Dialog } from "../components/Dialog";
import { DialogActions } from "../components/DialogActions";
import { Field } from "../components/Field";
import { fieldProblem } from "../components/problem";
import { ProblemNotice } from "../components/ProblemNotice";
import { fromLocalInput } from "../format/time";
import { LimitFields } from "./LimitFields";
import { FIRST_LIMIT, limitOf, type LimitDraft } from "./limits";

/** A proxy key that was just made, with the only copy of itself. */
export interface NewProxyKey {
  id: string;
  name: string;
  key: string;
  provider: ProviderKey;
}

interface CreateProxyKeyDialogProps {
  provider: ProviderKey;
  onCreated: (created: NewProxyKey) => void;
  onClose: () => void;
}

/** Asks what the proxy key is to be called, how much may be used through it and for how long. */
export function CreateProxyKeyDialog({ provider, onCreated, onClose }: CreateProxyKeyDialogProps) {
  const [name, setName] = useState("");
  const [drafts, setDrafts] = useState<LimitDraft[]>([FIRST_LIMIT]);
  const [expires, setExpires] = useState("");
  const creation = useChange({
    make: (client, wanted: WantedProxyKey) => createProxyKey(client, wanted),
    told: (_, wanted) => `The proxy key “${wanted.proxyKeyName}” is made. Copy it now.`,
    changes: ["proxy-keys"],
    // A key that is made must be shown, even to those who closed the dialog meanwhile.
    then: ({ proxyKeyId, proxyKey }, wanted) => onCreated({ id: proxyKeyId, name: wanted.proxyKeyName, key: proxyKey, provider }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const limits = drafts.map(limitOf).filter((limit) => limit !== null);
    if (limits.length < drafts.length) return;
    creation.mutate({ providerKeyId: provider.id, proxyKeyName: name.trim(), limits, expires_at: fromLocalInput(expires) });
  };
  return (
    <Dialog title={`Make a proxy key for “${provider.provider_key_name}”`} onClose={onClose}>
      <form className="flex flex-col gap-4" onSubmit={submit}>
        <Field
          label="Name"
          hint="Who will use it, so that you know what stops when you revoke it."
          placeholder="batch jobs"
          required
          autoFocus
          maxLength={200}
          value={name}
          onChange={setName}
          problem={fieldProblem(creation.error, "proxyKeyName")}
        />
        <LimitFields drafts={drafts} onChange={setDrafts} />
        <Field
          label="Expires (optional)"
          hint="From then on it is refused. Without a date it works until you revoke it."
          type="datetime-local"
          value={expires}
          onChange={setExpires}
          problem={fieldProblem(creation.error, "expires_at")}
        />
        <ProblemNotice error={creation.error} fields={["proxyKeyName", "expires_at"]} />
        <DialogActions action="Make proxy key" doing="Making…" isPending={creation.isPending} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
