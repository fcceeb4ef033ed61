import type { FormEvent, ReactNode } from "react";
import { Dialog } from "./Dialog";
import { DialogActions } from "./DialogActions";
import { ProblemNotice } from "./ProblemNotice";

interface ConfirmDialogProps {
  title: string;
  action: string;
  doing: string;
  isPending: boolean;
  error: Error | null;
  onConfirm: () => void;
  onClose: () => void;
  /** What follows from it. */
  children: ReactNode;
}

/** Asks before something is done that cannot be taken back. */
export function ConfirmDialog({ title, action, doing, isPending, error, onConfirm, onClose, children }: ConfirmDialogProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onConfirm();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form className="flex flex-col gap-4" onSubmit={submit}>
        {children}
        <ProblemNotice error={error} />
        <DialogActions action={action} doing={doing} isPending={isPending} tone="danger" onCancel={onClose} />
      </form>
    </Dialog>
  );
}
