import type { HeliconeRequest } from "../api/types";
import { FigureText } from "../components/FigureText";
import { formatDuration } from "../format/numbers";
import { known, unknown, type Figure } from "../format/unknown";
import { costFigure, lacking, sumCalls, tokenFigure } from "./sums";

interface SessionTotalsProps {
  calls: readonly HeliconeRequest[];
  /** How many calls there are, where not all of them are here. */
  total: number;
}

/** What the calls of a session come to. */
export function SessionTotals({ calls, total }: SessionTotalsProps) {
  const sums = sumCalls(calls);
  if (sums === null) return null;
  const timed = calls.filter(({ delay_ms: latency }) => typeof latency === "number");
  const latency = timed.length === 0 ? unknown("the duration of none of these calls is known") : known(formatDuration(timed.reduce((sum, call) => sum + call.delay_ms, 0) / timed.length));
  const figures: { name: string; figure: Figure; note?: string | null }[] = [
    { name: "Calls", figure: known(total.toLocaleString("en-US")), note: sums.failed > 0 ? `${sums.failed.toLocaleString("en-US")} failed` : null },
    { name: "Cost", figure: costFigure(sums), note: sums.withoutCost < sums.requests ? lacking(sums.withoutCost, "the cost") : null },
    { name: "Tokens", figure: tokenFigure(sums), note: sums.withoutTokens < sums.requests ? lacking(sums.withoutTokens, "the count") : null },
    { name: "Duration", figure: known(formatDuration(sums.endMs - sums.startMs)) },
    { name: "Average latency", figure: latency },
  ];
  return (
    <dl className="grid grid-cols-[repeat(auto-fill,minmax(9.5rem,1fr))] gap-3" data-testid="session-totals">
      {figures.map(({ name, figure, note }) => (
        <div key={name} className="panel px-4 py-3">
          <dt className="text-xs text-ink-soft">{name}</dt>
          <dd className="text-lg font-semibold tracking-tight">
            <FigureText figure={figure} />
            {note && <span className="block text-xs font-normal tracking-normal text-ink-soft">{note}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
