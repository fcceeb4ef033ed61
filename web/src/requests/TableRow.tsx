import { memo, type MouseEvent } from "react";
import type { HeliconeRequest } from "../api/types";
import { modelOf } from "../format/model";
import { statusOf } from "../format/status";
import { formatFullInstant, formatInstant } from "../format/time";
import type { CallColumn } from "./columns";

/** Attribute of the link in each row; its value is the request's id. */
export const ROW_LINK = "data-row-link";

interface TableRowProps {
  request: HeliconeRequest;
  index: number;
  columns: readonly CallColumn[];
  isActive: boolean;
  isOpen: boolean;
  hasArrived: boolean;
  now: Date;
  /** In pixels. */
  height: number;
  onOpen: (requestId: string) => void;
}

const CELL = "truncate border-t border-line px-2.5 first:pl-3";

/** One request. The link in its first cell carries the row's name; a click anywhere else opens it too. */
export const TableRow = memo(function TableRow({ request, index, columns, isActive, isOpen, hasArrived, now, height, onOpen }: TableRowProps) {
  const id = request.request_id;
  const open = (event: MouseEvent) => {
    const onControl = event.target instanceof Element && event.target.closest("a, button");
    if (onControl || event.metaKey || event.ctrlKey || window.getSelection()?.toString()) return;
    onOpen(id);
  };
  const colour = isOpen ? "bg-accent-wash" : isActive ? "bg-raised" : "hover:bg-raised";
  return (
    // The row's link does the same for the keyboard.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
    <tr onClick={open} aria-rowindex={index + 2} className={`cursor-pointer ${colour} has-[[data-row-link]:focus-visible]:bg-accent-wash ${hasArrived ? "animate-arrive" : ""}`}>
      {columns.map((column, at) => (
        <td key={column.name} style={{ height }} className={`${CELL} ${column.isFigure ? "text-right tabular-nums" : ""}`}>
          {column.name === "time" ? <RowLink request={request} now={now} onOpen={onOpen} /> : at === 0 ? <RowLink request={request} now={now} onOpen={onOpen} column={column} /> : column.cell(request)}
        </td>
      ))}
    </tr>
  );
});

interface RowLinkProps {
  request: HeliconeRequest;
  now: Date;
  onOpen: (requestId: string) => void;
  /** What stands in it; the time unless said otherwise. */
  column?: CallColumn;
}

function RowLink({ request, now, onOpen, column }: RowLinkProps) {
  const time = formatInstant(request.request_created_at, now);
  const open = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    onOpen(request.request_id);
  };
  return (
    // A router's link would be drawn again with every change of the address, in every row.
    <a
      href={`/requests/${encodeURIComponent(request.request_id)}`}
      title={formatFullInstant(request.request_created_at)}
      aria-label={`Request at ${time}, ${modelOf(request) ?? "unknown model"}, ${statusOf(request).text}`}
      className="text-ink-soft tabular-nums hover:underline"
      onClick={open}
      {...{ [ROW_LINK]: request.request_id }}
    >
      {column === undefined ? time : column.cell(request)}
    </a>
  );
}
