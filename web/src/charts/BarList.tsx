import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Address } from "../address/address";
import { ChartFrame } from "./ChartFrame";
import { cssColour, type ChartColour } from "./colours";

export interface BarRow {
  /** What sets it apart from the others. */
  key: string;
  label: string;
  /** How long its bar is; null where that is not known. */
  value: number | null;
  /** Its figure in full, and what else is known of it. */
  text: string;
  hint?: string;
  /** Where its label leads; requests unless `to` says otherwise. */
  search?: Address;
  to?: string;
}

interface BarListProps {
  title: string;
  /** What the bars' lengths are. */
  measure: string;
  rows: readonly BarRow[];
  summary?: ReactNode;
  actions?: ReactNode;
  note?: ReactNode;
  colour?: ChartColour;
  isReading?: boolean;
  error?: Error | null;
  height?: number;
}

const ROW_HEIGHT = 28;
const LEAST_ROWS = 5;

/** Ranked bars. Each label leads to what is behind its figure. */
export function BarList({ title, measure, rows, summary, actions, note, colour = 1, isReading = false, error = null, height = ROW_HEIGHT * Math.max(rows.length, LEAST_ROWS) }: BarListProps) {
  const most = Math.max(...rows.map(({ value }) => value ?? 0));
  return (
    <ChartFrame
      title={title}
      summary={summary}
      actions={actions}
      note={note}
      isReading={isReading}
      error={error}
      points={rows.length}
      empty={rows.length === 0 ? (isReading ? "Reading…" : "Nothing in this time") : null}
      height={height}
      table={<BarTable title={title} measure={measure} rows={rows} />}
    >
      <ol className="flex flex-col overflow-y-auto" style={{ height }}>
        {rows.map((row) => (
          <li key={row.key} className="relative flex h-7 shrink-0 items-center gap-2 text-[0.8125rem]">
            <span
              aria-hidden="true"
              className="absolute inset-y-0.5 left-0 rounded-sm opacity-18 dark:opacity-25"
              style={{ width: `${most > 0 ? ((row.value ?? 0) / most) * 100 : 0}%`, background: cssColour(colour) }}
            />
            <span className="relative min-w-0 flex-1 truncate pl-2" title={row.hint ? `${row.label}\n${row.hint}` : row.label}>
              <Label row={row} />
            </span>
            <span className={`relative pr-2 whitespace-nowrap tabular-nums ${row.value === null ? "text-ink-faint" : "text-ink-soft"}`}>{row.text}</span>
          </li>
        ))}
      </ol>
    </ChartFrame>
  );
}

function Label({ row }: { row: BarRow }) {
  if (row.search === undefined && row.to === undefined) return row.label;
  return (
    <Link to={row.to ?? "/requests"} search={row.search ?? {}} className="hover:text-accent hover:underline">
      {row.label}
    </Link>
  );
}

function BarTable({ title, measure, rows }: Pick<BarListProps, "title" | "measure" | "rows">) {
  return (
    <table className="list-table text-xs">
      <thead className="sticky top-0 bg-surface">
        <tr>
          <th scope="col">{title}</th>
          <th scope="col" className="text-right">
            {measure}
          </th>
        </tr>
      </thead>
      <tbody className="tabular-nums">
        {rows.map((row) => (
          <tr key={row.key}>
            <th scope="row" className="font-normal">
              <Label row={row} />
              {row.hint && <span className="block text-ink-soft">{row.hint}</span>}
            </th>
            <td className="text-right">{row.text}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
