import type { CostSum } from "../api/types";
import { FigureText } from "../components/FigureText";
import { knownCost, reasonsOf } from "./sums";

interface CostFiguresProps {
  total: CostSum;
}

/** What calls cost together, and, just as large, how many of them have no cost and why. */
export function CostFigures({ total }: CostFiguresProps) {
  const lacking = total.calls_without_cost;
  const reasons = reasonsOf(total.without_cost);
  return (
    <dl className="grid gap-3 sm:grid-cols-2 lg:grid-cols-[1fr_1fr_2fr]" data-testid="cost-figures">
      <div className="panel px-4 py-3">
        <dt className="text-xs text-ink-soft">Cost</dt>
        <dd className="text-2xl font-semibold tracking-tight">
          <FigureText figure={knownCost(total)} />
          {lacking > 0 && lacking < total.calls && <span className="block text-xs font-normal tracking-normal text-ink-soft">at least: {calls(lacking)} not in it</span>}
        </dd>
      </div>
      <div className="panel px-4 py-3">
        <dt className="text-xs text-ink-soft">Calls</dt>
        <dd className="text-2xl font-semibold tracking-tight tabular-nums">
          {grouped(total.calls)}
          <span className="block text-xs font-normal tracking-normal text-ink-soft">{grouped(total.total_tokens)} tokens counted</span>
        </dd>
      </div>
      <div className={`rounded-lg border px-4 py-3 sm:col-span-2 lg:col-span-1 ${lacking > 0 ? "border-warn bg-warn-wash" : "border-line bg-surface"}`}>
        <dt className={`text-xs ${lacking > 0 ? "text-ink" : "text-ink-soft"}`}>Calls without a cost</dt>
        <dd>
          <span className={`text-2xl font-semibold tracking-tight tabular-nums ${lacking > 0 ? "text-warn" : ""}`}>{grouped(lacking)}</span>
          {lacking === 0 && <span className="block text-xs text-ink-soft">The cost of every call is known.</span>}
          {lacking > 0 && (
            <ul className="flex flex-col text-[0.8125rem]">
              {reasons.map(({ status, text, calls: count }) => (
                <li key={status}>
                  <span className="font-medium tabular-nums">{grouped(count)}</span> · {text} <code className="font-mono text-xs text-ink-soft">{status}</code>
                </li>
              ))}
            </ul>
          )}
        </dd>
      </div>
    </dl>
  );
}

function calls(count: number): string {
  return count === 1 ? "one call is" : `${grouped(count)} calls are`;
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}
