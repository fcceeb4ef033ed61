import { BusyButton } from "./BusyButton";

interface DialogActionsProps {
  /** What the button says that does it, and while it does. */
  action: string;
  doing: string;
  isPending: boolean;
  tone?: "primary" | "danger";
  onCancel: () => void;
}

/** The two ends of a dialog's form: doing it, and leaving it. */
export function DialogActions({ action, doing, isPending, tone = "primary", onCancel }: DialogActionsProps) {
  return (
    <div className="flex flex-wrap justify-end gap-2 pt-1">
      <button type="button" className="button" onClick={onCancel}>
        Cancel
      </button>
      <BusyButton type="submit" className={tone === "danger" ? "button-danger" : "button-primary"} isBusy={isPending}>
        {isPending ? doing : action}
      </BusyButton>
    </div>
  );
}
