import { statusOf, type Tone } from "../format/status";
import type { RequestPart } from "../api/types";

const TONES: Record<Tone, string> = {
  good: "text-good",
  warn: "text-warn",
  bad: "text-bad",
  idle: "text-ink-faint",
};

interface StatusBadgeProps {
  request: RequestPart<"response_status" | "outcome">;
}

/** How a request ended: colour, short text, and a sentence for those who cannot see the colour. */
export function StatusBadge({ request }: StatusBadgeProps) {
  const status = statusOf(request);
  return (
    <span className={`inline-flex items-center gap-1.5 font-medium whitespace-nowrap tabular-nums ${TONES[status.tone]}`} title={status.meaning}>
      <span className="size-1.5 shrink-0 rounded-full bg-current" aria-hidden="true" />
      {status.text}
      <span className="sr-only">, {status.meaning}</span>
    </span>
  );
}
