import { useEffect, useId, useRef, type ReactNode } from "react";
import { CopyButton } from "./CopyButton";

interface OncePanelProps {
  title: string;
  /** What becomes of it, and what to do when it gets lost. */
  lead: string;
  /** What is shown this once: "key". */
  what: string;
  secret: string;
  testId: string;
  onDone: () => void;
  /** How it is used. */
  children?: ReactNode;
}

/** Shows a new secret, this once. */
export function OncePanel({ title, lead, what, secret, testId, onDone, children }: OncePanelProps) {
  const id = useId();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <section aria-labelledby={id} className="panel flex flex-col gap-3 border-accent p-4 sm:p-5">
      <h2 id={id} ref={heading} tabIndex={-1} className="text-base font-semibold outline-none wrap-anywhere">
        {title}
      </h2>
      <p className="text-ink-soft">{lead}</p>
      <div className="flex flex-wrap items-center gap-2 rounded-md border border-line bg-raised py-1.5 pr-1.5 pl-3">
        <code data-testid={testId} className="min-w-0 flex-1 basis-60 font-mono wrap-anywhere">
          {secret}
        </code>
        <CopyButton label={`Copy ${what}`} caption={`Copy ${what}`} text={() => secret} />
      </div>
      {children}
      <div>
        <button type="button" className="button" onClick={onDone}>
          I have stored it
        </button>
      </div>
    </section>
  );
}
