import type { ButtonHTMLAttributes, MouseEvent } from "react";

interface BusyButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "disabled"> {
  /** Whether what the button does is being done. */
  isBusy: boolean;
}

/** A button that does nothing while it is busy, but keeps the focus, which a disabled one would lose. */
export function BusyButton({ isBusy, onClick, type = "button", ...rest }: BusyButtonProps) {
  const click = (event: MouseEvent<HTMLButtonElement>) => {
    if (isBusy) event.preventDefault();
    else onClick?.(event);
  };
  return <button {...rest} type={type === "submit" ? "submit" : "button"} aria-disabled={isBusy || undefined} onClick={click} />;
}
