import { useMemo, useRef } from "react";
import type { Json } from "../api/types";
import { cellText, columnsOf, type ResultColumn, type SqlResult } from "./result";
import { useRowsInSight } from "./useRowsInSight";

const ROW_HEIGHT = 28;
/** How wide a character is, about, and what a cell has beside its text, in pixels. */
const CHARACTER = 7.4;
const PADDING = 28;

interface ResultGridProps {
  result: SqlResult;
}

/** The rows of an answer; only those in sight are in the page. */
export function ResultGrid({ result: { rows } }: ResultGridProps) {
  const area = useRef<HTMLDivElement>(null);
  const columns = useMemo(() => columnsOf(rows), [rows]);
  const { first, last } = useRowsInSight(area, rows.length, ROW_HEIGHT);
  const template = columns.map(({ width }) => `minmax(${Math.round(width * CHARACTER + PADDING)}px, ${width}fr)`).join(" ");
  return (
    <div
      ref={area}
      className="panel max-h-[60dvh] overflow-auto text-[0.8125rem]"
      tabIndex={0}
      role="region"
      aria-label={`Result, ${rows.length.toLocaleString("en-US")} rows`}
      data-testid="sql-result"
      data-rows={rows.length}
    >
      <div role="table" aria-label="Result" aria-rowcount={rows.length + 1} aria-colcount={columns.length} className="min-w-max">
        <div role="rowgroup" className="sticky top-0 z-[1] border-b border-line bg-surface">
          <div role="row" aria-rowindex={1} className="grid" style={{ gridTemplateColumns: template }}>
            {columns.map(({ name, isNumber }) => (
              <span key={name} role="columnheader" className={`truncate px-3.5 py-1.5 font-mono text-xs font-medium text-ink-faint ${isNumber ? "text-right" : ""}`} title={name}>
                {name}
              </span>
            ))}
          </div>
        </div>
        <div role="rowgroup" className="relative" style={{ height: rows.length * ROW_HEIGHT }}>
          {rows.slice(first, last).map((row, offset) => (
            <div
              key={first + offset}
              role="row"
              aria-rowindex={first + offset + 2}
              className="absolute inset-x-0 grid h-7 items-center border-b border-line hover:bg-raised"
              style={{ gridTemplateColumns: template, top: (first + offset) * ROW_HEIGHT }}
            >
              {columns.map((column) => (
                <Cell key={column.name} column={column} value={row[column.name]} />
              ))}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}

function Cell({ column, value }: { column: ResultColumn; value: Json | undefined }) {
  const isNull = value === null || value === undefined;
  const text = cellText(value);
  return (
    <span role="cell" className={`truncate px-3.5 ${column.isNumber ? "text-right tabular-nums" : ""} ${isNull ? "text-ink-faint italic" : ""}`} title={text.length > 20 ? text : undefined}>
      {text}
    </span>
  );
}
