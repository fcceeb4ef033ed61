import type { HeliconeRequest } from "../api/types";
import { formatDuration } from "../format/numbers";
import { Facts } from "./Facts";
import { phasesOf, type PhaseName } from "./phases";

const FILLS: Record<PhaseName, string> = {
  Connect: "bg-warn",
  "Wait for first byte": "bg-line-strong",
  "Wait for first token": "bg-json-key",
  "Receive the rest": "bg-accent-fill",
  "Until the end": "bg-line-strong",
};

/** A bar begins before the end of the track, so that a phase of no length is still in sight. */
const LATEST_START = 0.99;

interface TimingProps {
  request: HeliconeRequest;
}

/** Where the time of a call went, as a small waterfall. */
export function Timing({ request }: TimingProps) {
  const phases = phasesOf(request);
  const total = request.delay_ms ?? 0;
  return (
    <Facts title="Timing">
      {phases.length === 0 && <p className="text-ink-faint">No timing is known.</p>}
      <ol className="flex flex-col gap-2">
        {phases.map((phase) => (
          <li key={phase.name}>
            <div className="flex justify-between gap-2 text-[0.8125rem]">
              <span className="text-ink-soft">{phase.name}</span>
              <span className="tabular-nums">{formatDuration(phase.endMs - phase.startMs)}</span>
            </div>
            <div className="relative mt-0.5 h-1.5 overflow-hidden rounded-full bg-raised" aria-hidden="true">
              <div
                className={`absolute inset-y-0 min-w-0.75 rounded-full ${FILLS[phase.name]}`}
                style={{ left: percent(Math.min(phase.startMs, total * LATEST_START), total), width: percent(phase.endMs - phase.startMs, total) }}
              />
            </div>
          </li>
        ))}
        {phases.length > 0 && (
          <li className="flex justify-between border-t border-line pt-1.5 text-[0.8125rem] font-medium">
            <span>Total</span>
            <span className="tabular-nums">{formatDuration(total)}</span>
          </li>
        )}
      </ol>
    </Facts>
  );
}

function percent(part: number, total: number): string {
  return total === 0 ? "0%" : `${(part / total) * 100}%`;
}
