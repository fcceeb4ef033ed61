import { useLayoutEffect, useRef, type MouseEvent, type ReactNode } from "react";

interface DrawerProps {
  label: string;
  onClose: () => void;
  children: ReactNode;
}

/** A window at the left edge, for narrow screens. Escape and a click beside it close it. */
export function Drawer({ label, onClose, children }: DrawerProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  const leave = (event: MouseEvent) => event.target === dialog.current && onClose();
  return (
    // The keyboard closes it with Escape.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
    <dialog
      ref={dialog}
      aria-label={label}
      onClose={(event) => event.currentTarget.open || onClose()}
      onClick={leave}
      className="m-0 h-dvh max-h-none w-64 max-w-[85vw] border-r border-line bg-surface p-0 text-ink backdrop:bg-black/50"
    >
      <div className="flex h-full flex-col">{children}</div>
    </dialog>
  );
}
