import { useId, type ReactNode } from "react";
import type { Repricing } from "../api/types";
import { Badge } from "../components/Badge";
import { Instant } from "../components/Instant";
import { Notice } from "../components/Notice";
import { Prose } from "../components/Prose";
import type { Tone } from "../format/status";
import { describeEffect, describeProgress, describeStanding } from "./repricing";
import { reasonsOf } from "./sums";

export const STANDING_TONES: Record<Repricing["state"], Tone> = { running: "warn", done: "good", cancelled: "idle", failed: "bad" };

interface RepricingPanelProps {
  repricing: Repricing;
  /** What can be done about it. */
  children: ReactNode;
}

/** How far a re-pricing is, and what it comes to. */
export function RepricingPanel({ repricing, children }: RepricingPanelProps) {
  const id = useId();
  const { state, total, scanned, changed, kept } = repricing;
  const share = state === "done" || total === 0 ? 1 : Math.min(scanned / total, 1);
  const reasons = reasonsOf(repricing.without_cost);
  return (
    <section aria-labelledby={id} className="panel flex flex-col gap-2 p-3 sm:p-4" data-testid="repricing" data-state={state}>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <h3 id={id} className="text-[0.8125rem] font-semibold">
          <Badge tone={STANDING_TONES[state]}>{describeStanding(repricing)}</Badge>
        </h3>
        <span className="text-xs text-ink-soft">
          Begun <Instant iso={repricing.started_at} />
        </span>
      </div>
      <progress className="sr-only" max={1} value={share} aria-label="Calls looked at" />
      <div className="h-1.5 overflow-hidden rounded-full bg-raised" aria-hidden="true">
        <div className="h-full rounded-full bg-accent-fill" style={{ width: `${share * 100}%` }} />
      </div>
      <p className="text-[0.8125rem] tabular-nums">{describeProgress(repricing)}.</p>
      {(changed > 0 || state === "done") && <p className="text-[0.8125rem] text-ink-soft">{describeEffect(repricing)}</p>}
      {kept > 0 && <p className="text-[0.8125rem] text-ink-soft">{kept.toLocaleString("en-US")} keep the cost they have: too little was stored of them to price them anew.</p>}
      {reasons.length > 0 && (
        <p className="text-[0.8125rem] text-ink-soft">
          Without a cost {repricing.dry_run ? "would stay" : "stay"}: {reasons.map(({ text, calls }) => `${calls.toLocaleString("en-US")} (${text})`).join(", ")}.
        </p>
      )}
      {repricing.problem && (
        <Notice tone="bad">
          <Prose text={repricing.problem} />.
        </Notice>
      )}
      <div className="flex flex-wrap gap-2 empty:hidden">{children}</div>
    </section>
  );
}
