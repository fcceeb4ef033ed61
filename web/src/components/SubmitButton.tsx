import { BusyButton } from "./BusyButton";

interface SubmitButtonProps {
  text: string;
  /** What it says while it is busy. */
  doing: string;
  isBusy: boolean;
}

/** The one thing that a form for somebody who is not signed in does. */
export function SubmitButton({ text, doing, isBusy }: SubmitButtonProps) {
  return (
    <BusyButton type="submit" isBusy={isBusy} className="h-10 rounded-md bg-accent-fill font-medium text-white hover:brightness-110 aria-disabled:opacity-60">
      {isBusy ? doing : text}
    </BusyButton>
  );
}
