import { useEffect, useRef } from "react";
import { CopyButton } from "../components/CopyButton";
import { Snippet } from "../components/Snippet";
import type { NewKey } from "./CreateKeyDialog";
import { exampleFor } from "./example";

interface NewKeyPanelProps {
  created: NewKey;
  onDone: () => void;
}

/** Shows a new key, this once, with a call to try it. */
export function NewKeyPanel({ created, onDone }: NewKeyPanelProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const example = exampleFor(created.permissions, created.key, window.location);
  return (
    <section aria-labelledby="new-key" className="panel flex flex-col gap-3 border-accent p-4 sm:p-5">
      <h2 id="new-key" ref={heading} tabIndex={-1} className="text-base font-semibold outline-none wrap-anywhere">
        Copy the key “{created.name}” now
      </h2>
      <p className="text-ink-soft">Only its fingerprint is stored: it is not shown again, here or anywhere else. If it gets lost, make another and revoke this one.</p>
      <div className="flex flex-wrap items-center gap-2 rounded-md border border-line bg-raised py-1.5 pr-1.5 pl-3">
        <code data-testid="new-key" className="min-w-0 flex-1 basis-60 font-mono wrap-anywhere">
          {created.key}
        </code>
        <CopyButton label="Copy key" caption="Copy key" text={() => created.key} />
      </div>
      <p className="text-ink-soft">Try it:</p>
      <Snippet label={example.label} text={example.text} />
      {created.permissions !== "r" && <p className="text-xs text-ink-soft">The address is where the gateway of a default installation listens; use your own if it differs.</p>}
      <div>
        <button type="button" className="button" onClick={onDone}>
          I have stored it
        </button>
      </div>
    </section>
  );
}
