import type { HeliconeRequest } from "../api/types";
import { formatDuration } from "../format/numbers";
import { attemptBars, describeEnd, describeTarget, describeWait } from "./attempts";
import { Facts } from "./Facts";

/** A bar begins before the end of the track, so that an attempt of no length is still in sight. */
const LATEST_START = 99;

interface AttemptsProps {
  request: Pick<HeliconeRequest, "attempts">;
}

/** Every time a provider was asked, on one track of time; nothing where one attempt was the whole call. */
export function Attempts({ request: { attempts } }: AttemptsProps) {
  if (attempts.length < 2) return null;
  return (
    <Facts title={`${attempts.length} attempts`}>
      <ol className="flex flex-col gap-2">
        {attemptBars(attempts).map((bar, index) => (
          <li key={index} data-testid="attempt">
            <div className="flex justify-between gap-2 text-[0.8125rem]">
              <span className="min-w-0 truncate text-ink-soft" title={bar.attempt.target_url}>
                {describeTarget(bar.attempt)}
              </span>
              <span className="whitespace-nowrap tabular-nums">
                <span className={`font-medium ${bar.succeeded ? "text-good" : "text-bad"}`}>{describeEnd(bar.attempt)}</span> · {formatDuration(bar.durationMs)}
              </span>
            </div>
            <div className="relative mt-0.5 h-1.5 overflow-hidden rounded-full bg-raised" aria-hidden="true">
              <div
                className={`absolute inset-y-0 min-w-0.75 rounded-full ${bar.succeeded ? "bg-accent-fill" : "bg-bad"}`}
                style={{ left: `${Math.min(bar.left, LATEST_START)}%`, width: `${bar.width}%` }}
              />
            </div>
            {describeWait(bar) && <p className="text-xs text-ink-soft">{describeWait(bar)}</p>}
          </li>
        ))}
      </ol>
    </Facts>
  );
}
