import type { ReactNode } from "react";
import type { Tone } from "../format/status";

const TONES: Record<Tone, string> = { good: "text-good", warn: "text-warn", bad: "text-bad", idle: "text-ink-faint" };

interface BadgeProps {
  tone: Tone;
  children: ReactNode;
}

/** A state in a word. */
export function Badge({ tone, children }: BadgeProps) {
  return (
    <span className={`inline-flex items-center gap-1.5 font-medium whitespace-nowrap ${TONES[tone]}`}>
      <span className="size-1.5 shrink-0 rounded-full bg-current" aria-hidden="true" />
      {children}
    </span>
  );
}
