import { OncePanel } from "../components/OncePanel";
import { Snippet } from "../components/Snippet";
import type { NewKey } from "./CreateKeyDialog";
import { exampleFor } from "./example";

interface NewKeyPanelProps {
  created: NewKey;
  onDone: () => void;
}

/** Shows a new key, this once, with a call to try it. */
export function NewKeyPanel({ created, onDone }: NewKeyPanelProps) {
  const example = exampleFor(created.permissions, created.key, window.location);
  return (
    <OncePanel
      title={`Copy the key “${created.name}” now`}
      lead="Only its fingerprint is stored: it is not shown again, here or anywhere else. If it gets lost, make another and revoke this one."
      what="key"
      secret={created.key}
      testId="new-key"
      onDone={onDone}
    >
      <p className="text-ink-soft">Try it:</p>
      <Snippet label={example.label} text={example.text} />
      {created.permissions !== "r" && <p className="text-xs text-ink-soft">The address is where the gateway of a default installation listens; use your own if it differs.</p>}
    </OncePanel>
  );
}
