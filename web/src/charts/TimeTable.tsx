import type { ChartSeries } from "./plot";
import { pieceName } from "./ticks";

interface TimeTableProps {
  times: readonly number[];
  pieceMs: number;
  series: readonly ChartSeries[];
  format: (value: number) => string;
}

/** The figures of a chart over time, the latest first. */
export function TimeTable({ times, pieceMs, series, format }: TimeTableProps) {
  return (
    <table className="list-table text-xs">
      <thead className="sticky top-0 bg-surface">
        <tr>
          <th scope="col">Time</th>
          {series.map(({ name }) => (
            <th key={name} scope="col" className="text-right">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody className="tabular-nums">
        {times
          .map((time, index) => (
            <tr key={time}>
              <th scope="row" className="font-normal">
                {pieceName(time, pieceMs)}
              </th>
              {series.map(({ name, values }) => (
                <td key={name} className="text-right">
                  {(values[index] ?? null) === null ? <span className="text-ink-faint">not known</span> : format(values[index] as number)}
                </td>
              ))}
            </tr>
          ))
          .toReversed()}
      </tbody>
    </table>
  );
}
