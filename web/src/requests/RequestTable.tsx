import { useRef } from "react";
import type { HeliconeRequest } from "../api/types";
import { COLUMN_CLASSES, COLUMNS } from "./columns";
import { RequestRow } from "./RequestRow";
import { useArrivals } from "./useArrivals";
import { useRowKeys } from "./useRowKeys";

interface RequestTableProps {
  rows: HeliconeRequest[];
  /** Names the list the rows belong to: filters and page. */
  listKey: string;
  /** When the rows were read: today's rows show the clock alone. */
  now: Date;
}

export function RequestTable({ rows, listKey, now }: RequestTableProps) {
  const table = useRef<HTMLTableElement>(null);
  useRowKeys(table);
  const arrived = useArrivals(rows, listKey);
  return (
    <div className="panel relative overflow-x-auto">
      <table ref={table} className="w-full border-collapse text-[0.8125rem]">
        <caption className="sr-only">Requests, newest first. Move between rows with J and K or the arrow keys, open one with Enter.</caption>
        <thead>
          <tr className="text-left text-xs text-ink-faint">
            {COLUMNS.map((column) => (
              <th key={column.name} scope="col" className={`${COLUMN_CLASSES[column.name]} font-medium`} title={"title" in column ? column.title : undefined}>
                {column.heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <RequestRow key={row.request_id} request={row} arrived={arrived(row.request_id)} now={now} />
          ))}
        </tbody>
      </table>
    </div>
  );
}
