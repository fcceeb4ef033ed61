import { CopyButton } from "./CopyButton";

interface SnippetProps {
  label: string;
  text: string;
}

/** A command to copy into a terminal. */
export function Snippet({ label, text }: SnippetProps) {
  return (
    <div className="relative rounded-md border border-line bg-raised text-left">
      <pre className="overflow-x-auto p-3 pr-24 font-mono text-xs leading-relaxed" tabIndex={0} role="region" aria-label={label}>
        {text}
      </pre>
      <div className="absolute top-1.5 right-1.5 rounded-md bg-raised">
        <CopyButton label={`Copy ${label}`} caption="Copy" text={() => text} />
      </div>
    </div>
  );
}
