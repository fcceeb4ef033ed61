import { useState, type FormEvent } from "react";
import { renameKey } from "../api/control";
import type { ApiKey } from "../api/types";
import { useChange } from "../announce/useChange";
import { Dialog } from "../components/Dialog";
import { DialogActions } from "../components/DialogActions";
import { Field } from "../components/Field";
import { fieldProblem } from "../components/problem";
import { ProblemNotice } from "../components/ProblemNotice";

interface RenameKeyDialogProps {
  apiKey: ApiKey;
  onClose: () => void;
}

/** Gives a key another name; nothing else about it changes. */
export function RenameKeyDialog({ apiKey, onClose }: RenameKeyDialogProps) {
  const [name, setName] = useState(apiKey.api_key_name);
  const renaming = useChange({
    make: (client, wanted: string) => renameKey(client, apiKey.id, wanted),
    told: (_, wanted) => `The key is called “${wanted}” now.`,
    changes: ["keys", "organization"],
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    renaming.mutate(name.trim(), { onSuccess: onClose });
  };
  return (
    <Dialog title={`Rename “${apiKey.api_key_name}”`} onClose={onClose}>
      <form className="flex flex-col gap-4" onSubmit={submit}>
        <Field
          label="Name"
          hint="The key itself stays the same."
          required
          autoFocus
          maxLength={200}
          value={name}
          onChange={setName}
          problem={fieldProblem(renaming.error, "api_key_name")}
        />
        <ProblemNotice error={renaming.error} fields={["api_key_name"]} />
        <DialogActions action="Rename" doing="Renaming…" isPending={renaming.isPending} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
