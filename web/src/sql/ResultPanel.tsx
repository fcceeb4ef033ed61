import { useMemo } from "react";
import { colourAt } from "../charts/colours";
import { TimeChart } from "../charts/TimeChart";
import { formatBytes, formatDuration } from "../format/numbers";
import { ResultGrid } from "./ResultGrid";
import { chartOf, columnsOf, type SqlResult } from "./result";

interface ResultPanelProps {
  result: SqlResult;
}

/** An answer: how much it is, what can be drawn of it, and its rows. */
export function ResultPanel({ result }: ResultPanelProps) {
  const chart = useMemo(() => chartOf(result.rows, columnsOf(result.rows)), [result]);
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <p className="text-[0.8125rem] text-ink-soft tabular-nums" role="status" data-testid="sql-summary">
        {result.rowCount === 1 ? "1 row" : `${result.rowCount.toLocaleString("en-US")} rows`} in {formatDuration(result.elapsedMilliseconds)}, {formatBytes(result.size)}
      </p>
      {chart && (
        <TimeChart
          title="Result over time"
          times={chart.times.map((seconds) => seconds * 1000)}
          pieceMs={pieceOf(chart.times)}
          series={chart.series.map(({ name, values }, index) => ({ name, values, colour: colourAt(index) }))}
          format={(value) => value.toLocaleString("en-US", { maximumFractionDigits: 6 })}
        />
      )}
      {result.rows.length > 0 ? <ResultGrid result={result} /> : <p className="panel px-4 py-6 text-center text-ink-soft">The query found no rows.</p>}
    </div>
  );
}

/** Returns the shortest time between two points, in ms. */
function pieceOf(times: readonly number[]): number {
  return Math.min(...times.slice(1).map((time, index) => time - (times[index] ?? 0))) * 1000;
}
