import { useState, type FormEvent } from "react";
import { createKey, type Permissions, type WantedKey } from "../api/control";
import { useChange } from "../announce/useChange";
import { Choice } from "../components/Choice";
import { Dialog } from "../components/Dialog";
import { DialogActions } from "../components/DialogActions";
import { Field } from "../components/Field";
import { fieldProblem } from "../components/problem";
import { ProblemNotice } from "../components/ProblemNotice";
import { fromLocalInput } from "../format/time";
import { PERMISSIONS } from "./permissions";

/** A key that was just made, with the only copy of itself. */
export interface NewKey {
  id: string;
  name: string;
  permissions: Permissions;
  key: string;
}

interface CreateKeyDialogProps {
  onCreated: (created: NewKey) => void;
  onClose: () => void;
}

/** Asks what the new key is to be called, what it may do and for how long. */
export function CreateKeyDialog({ onCreated, onClose }: CreateKeyDialogProps) {
  const [name, setName] = useState("");
  const [permissions, setPermissions] = useState<Permissions>("w");
  const [expires, setExpires] = useState("");
  const creation = useChange({
    make: (client, wanted: WantedKey) => createKey(client, wanted),
    told: (_, wanted) => `The key “${wanted.api_key_name}” is made. Copy it now.`,
    changes: ["keys"],
    // A key that is made must be shown, even to those who closed the dialog meanwhile.
    then: ({ id, apiKey }, wanted) => onCreated({ id, name: wanted.api_key_name, permissions: wanted.key_permissions, key: apiKey }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    creation.mutate({ api_key_name: name.trim(), key_permissions: permissions, expires_at: fromLocalInput(expires) });
  };
  return (
    <Dialog title="Create an API key" onClose={onClose}>
      <form className="flex flex-col gap-4" onSubmit={submit}>
        <Field
          label="Name"
          hint="Where it will be used, so that you know what stops when you revoke it."
          placeholder="checkout service, production"
          required
          autoFocus
          maxLength={200}
          value={name}
          onChange={setName}
          problem={fieldProblem(creation.error, "api_key_name")}
        />
        <Choice legend="Permissions" options={PERMISSIONS} value={permissions} onChange={setPermissions} />
        <Field
          label="Expires (optional)"
          hint="From then on it is refused. Without a date it works until you revoke it."
          type="datetime-local"
          value={expires}
          onChange={setExpires}
          problem={fieldProblem(creation.error, "expires_at")}
        />
        <ProblemNotice error={creation.error} fields={["api_key_name", "expires_at"]} />
        <DialogActions action="Create key" doing="Creating…" isPending={creation.isPending} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
