import { useState, type FormEvent } from "react";
import { useChange } from "../announce/useChange";
import { saveQuery, type SavedQuery } from "../api/sql";
import { Dialog } from "../components/Dialog";
import { DialogActions } from "../components/DialogActions";
import { Field } from "../components/Field";
import { ProblemNotice } from "../components/ProblemNotice";

interface SaveDialogProps {
  sql: string;
  onSaved: (query: SavedQuery) => void;
  onClose: () => void;
}

/** Asks for a name for the query in the editor. */
export function SaveDialog({ sql, onSaved, onClose }: SaveDialogProps) {
  const [name, setName] = useState("");
  const change = useChange<string, SavedQuery>({
    make: (client, wanted) => saveQuery(client, null, wanted, sql),
    told: (_, wanted) => `“${wanted}” is saved.`,
    changes: ["saved-queries"],
    then: onSaved,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!change.isPending) change.mutate(name.trim());
  };
  return (
    <Dialog title="Save the query" onClose={onClose}>
      <form className="flex flex-col gap-4" onSubmit={submit}>
        <Field label="Name" value={name} onChange={setName} required maxLength={200} problem={null} />
        <ProblemNotice error={change.error} />
        <DialogActions action="Save query" doing="Saving…" isPending={change.isPending} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
