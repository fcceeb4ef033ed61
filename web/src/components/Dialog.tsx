import { useId, useLayoutEffect, useRef, type ReactNode } from "react";

interface DialogProps {
  title: string;
  /** Called when the user asks to leave, with Escape too. */
  onClose: () => void;
  /** Whether it has room for more than a form. */
  isWide?: boolean;
  children: ReactNode;
}

/** A window over the page. The browser keeps the focus inside and gives it back in the end. */
export function Dialog({ title, onClose, isWide = false, children }: DialogProps) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onClose={(event) => event.currentTarget.open || onClose()}
      className={`m-auto max-h-[calc(100dvh-2rem)] w-[calc(100vw-2rem)] overflow-y-auto rounded-lg border border-line bg-surface p-5 text-ink shadow-xl backdrop:bg-black/50 sm:p-6 ${isWide ? "max-w-4xl" : "max-w-lg"}`}
    >
      <h2 id={id} className="mb-4 text-base font-semibold wrap-anywhere">
        {title}
      </h2>
      {children}
    </dialog>
  );
}
