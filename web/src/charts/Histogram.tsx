import type { ReactNode } from "react";
import { ChartFrame } from "./ChartFrame";
import { cssColour, type ChartColour } from "./colours";

export interface Bin {
  from: number;
  to: number;
  count: number;
}

interface HistogramProps {
  title: string;
  summary?: ReactNode;
  note?: ReactNode;
  bins: readonly Bin[];
  /** What is counted: "sessions". */
  of: string;
  /** Writes an end of a bin. */
  format: (value: number) => string;
  colour?: ChartColour;
  height?: number;
  isReading?: boolean;
  error?: Error | null;
}

/** How many things lie in each of several ranges. */
export function Histogram({ title, summary, note, bins, of, format, colour = 2, height = 140, isReading = false, error = null }: HistogramProps) {
  const most = Math.max(1, ...bins.map(({ count }) => count));
  const [first, last] = [bins[0], bins.at(-1)];
  const nameOf = ({ from, to }: Bin) => `${format(from)} to ${format(to)}`;
  return (
    <ChartFrame
      title={title}
      summary={summary}
      note={note}
      isReading={isReading}
      error={error}
      points={bins.filter(({ count }) => count > 0).length}
      empty={first === undefined || bins.every(({ count }) => count === 0) ? (isReading ? "Reading…" : "Nothing in this time") : null}
      height={height}
      table={
        <table className="list-table text-xs">
          <thead className="sticky top-0 bg-surface">
            <tr>
              <th scope="col">Range</th>
              <th scope="col" className="text-right first-letter:uppercase">
                {of}
              </th>
            </tr>
          </thead>
          <tbody className="tabular-nums">
            {bins.map((bin) => (
              <tr key={bin.from}>
                <th scope="row" className="font-normal">
                  {nameOf(bin)}
                </th>
                <td className="text-right">{bin.count.toLocaleString("en-US")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      }
    >
      <div aria-hidden="true" className="flex flex-col" style={{ height }}>
        <div className="flex min-h-0 flex-1 items-end gap-px border-b border-line-strong">
          {bins.map((bin) => (
            <div key={bin.from} className="flex h-full min-w-0 flex-1 items-end hover:bg-raised" title={`${nameOf(bin)}: ${bin.count.toLocaleString("en-US")} ${of}`}>
              {bin.count > 0 && <div className="min-h-0.5 w-full rounded-t-xs" style={{ height: `${(bin.count / most) * 100}%`, background: cssColour(colour) }} />}
            </div>
          ))}
        </div>
        <div className="flex justify-between pt-1 text-[0.6875rem] text-ink-faint tabular-nums">
          <span>{first && format(first.from)}</span>
          <span>{last && format(last.to)}</span>
        </div>
      </div>
    </ChartFrame>
  );
}
