import { useEffect, useState } from "react";
import { copyText } from "./copyText";
import { Icon } from "./Icon";

const SHOWN_MS = 1600;

interface CopyButtonProps {
  /** What is copied, named for the label: "Copy request body". */
  label: string;
  /** Shown beside the icon; without it only the icon is. */
  caption?: string;
  text: () => string;
  /** Why there is nothing to copy; disables the button. */
  unavailable?: string | undefined;
}

/** Copies text and says that it did. */
export function CopyButton({ label, caption, text, unavailable }: CopyButtonProps) {
  const [result, setResult] = useState<"idle" | "copied" | "failed">("idle");
  useEffect(() => {
    if (result === "idle") return;
    const timer = setTimeout(() => setResult("idle"), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [result]);
  const copy = () => copyText(text()).then(() => setResult("copied"), () => setResult("failed"));
  const shown = result === "idle" ? caption : result === "copied" ? "Copied" : "Copy failed";
  return (
    <button type="button" className="button-quiet" onClick={copy} disabled={unavailable !== undefined} aria-label={label} title={unavailable ?? label}>
      <Icon name={result === "copied" ? "check" : "copy"} />
      {caption && <span>{shown}</span>}
      <span className="sr-only" role="status">
        {result === "idle" ? "" : shown ?? result}
      </span>
    </button>
  );
}
