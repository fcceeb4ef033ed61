import { formatUsd } from "../format/money";
import type { Bar } from "./sums";

interface DayChartProps {
  bars: Bar[];
}

/** What calls cost and how many have no cost, day by day: a picture, and the same figures in a table. */
export function DayChart({ bars }: DayChartProps) {
  const [first, last] = [bars[0], bars.at(-1)];
  if (!first || !last) return null;
  const lacking = bars.some(({ withoutCost }) => withoutCost > 0);
  return (
    <figure className="panel flex flex-col gap-2 px-4 py-3" data-testid="cost-chart">
      <div aria-hidden="true" className="flex flex-col gap-2">
        <Strip bars={bars} title="Cost" valueOf={({ cost }) => cost} textOf={formatUsd} height="h-32" colour="bg-accent-fill" />
        {lacking && (
          <Strip bars={bars} title="Calls without a cost" valueOf={({ withoutCost }) => withoutCost} textOf={(count) => count.toLocaleString("en-US")} height="h-10" colour="border border-warn bg-warn-wash" />
        )}
        <div className="flex justify-between text-xs text-ink-soft tabular-nums">
          <span>{first.name}</span>
          {bars.length > 1 && <span>{last.name}</span>}
        </div>
      </div>
      <figcaption>
        <details>
          <summary className="w-fit text-xs text-ink-soft">Figures by {first.name.length > 7 ? "day" : "month"} (UTC)</summary>
          <div className="mt-2 max-h-80 overflow-auto" tabIndex={0} role="region" aria-label="Costs by time">
            <table className="list-table">
              <thead>
                <tr>
                  <th scope="col">{first.name.length > 7 ? "Day" : "Month"}</th>
                  <th scope="col">Cost</th>
                  <th scope="col">Calls</th>
                  <th scope="col">Without a cost</th>
                </tr>
              </thead>
              <tbody className="tabular-nums">
                {bars.map((bar) => (
                  <tr key={bar.name}>
                    <td>{bar.name}</td>
                    <td>{bar.calls > 0 && bar.withoutCost >= bar.calls ? "not known" : formatUsd(bar.cost)}</td>
                    <td>{bar.calls.toLocaleString("en-US")}</td>
                    <td>{bar.withoutCost.toLocaleString("en-US")}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </details>
      </figcaption>
    </figure>
  );
}

interface StripProps {
  bars: Bar[];
  title: string;
  valueOf: (bar: Bar) => number;
  textOf: (value: number) => string;
  height: string;
  colour: string;
}

function Strip({ bars, title, valueOf, textOf, height, colour }: StripProps) {
  const most = Math.max(...bars.map(valueOf));
  return (
    <div>
      <p className="flex justify-between gap-2 text-xs text-ink-soft">
        <span>{title}</span>
        <span className="tabular-nums">most: {textOf(most)}</span>
      </p>
      <div className={`mt-1 flex items-end gap-px border-b border-line-strong sm:gap-0.5 ${height}`}>
        {bars.map((bar) => (
          <div key={bar.name} className="flex h-full min-w-0 flex-1 items-end justify-center hover:bg-raised" title={`${bar.name}: ${textOf(valueOf(bar))}`}>
            {valueOf(bar) > 0 && <div className={`min-h-0.5 w-full max-w-12 rounded-t-sm ${colour}`} style={{ height: `${(valueOf(bar) / most) * 100}%` }} />}
          </div>
        ))}
      </div>
    </div>
  );
}
