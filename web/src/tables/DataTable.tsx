import type { ReactNode } from "react";
import { RowHeading } from "./RowHeading";
import { sortedBy, type Sorting } from "./sorting";

/** A column: what stands in its heading and in its cells. */
export interface Column<Row, Name extends string> {
  name: Name;
  heading: string;
  /** What the heading means, for who asks. */
  title?: string;
  isFigure?: boolean;
  /** Whether rows can be sorted by it. */
  isSortable?: boolean;
  /** From which width of the screen on it is there. */
  from?: "sm" | "md" | "lg" | "xl" | "2xl";
  cell: (row: Row) => ReactNode;
}

interface DataTableProps<Row, Name extends string> {
  caption: string;
  columns: readonly Column<Row, Name>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  sorting?: Sorting<Name>;
  onSort?: (sorting: Sorting<Name>) => void;
  /** Whether what is shown is of an earlier question. */
  isStale?: boolean;
  testId?: string;
}

const FROM = { sm: "max-sm:hidden", md: "max-md:hidden", lg: "max-lg:hidden", xl: "max-xl:hidden", "2xl": "max-2xl:hidden" } as const;

/** A table of figures. The first cell of a row names it; headings sort where they can. */
export function DataTable<Row, Name extends string>({ caption, columns, rows, keyOf, sorting, onSort, isStale = false, testId }: DataTableProps<Row, Name>) {
  const classOf = ({ isFigure, from }: Column<Row, Name>) => `${isFigure ? "!text-right" : ""} ${from ? FROM[from] : ""}`;
  return (
    <div className={`panel relative overflow-x-auto transition-opacity ${isStale ? "opacity-60" : ""}`} aria-busy={isStale} data-testid={testId}>
      <table className="list-table">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <Heading key={column.name} column={column} className={classOf(column)} sorting={sorting} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)} data-row={keyOf(row)} className="hover:bg-raised">
              {columns.map((column, index) =>
                index === 0 ? (
                  <RowHeading key={column.name} className={`!py-2 ${classOf(column)}`}>
                    {column.cell(row)}
                  </RowHeading>
                ) : (
                  <td key={column.name} className={`${column.isFigure ? "whitespace-nowrap tabular-nums" : ""} ${classOf(column)}`}>
                    {column.cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface HeadingProps<Row, Name extends string> {
  column: Column<Row, Name>;
  className: string;
  sorting: Sorting<Name> | undefined;
  onSort: ((sorting: Sorting<Name>) => void) | undefined;
}

function Heading<Row, Name extends string>({ column, className, sorting, onSort }: HeadingProps<Row, Name>) {
  const { name, heading, title } = column;
  if (!column.isSortable || !sorting || !onSort) {
    return (
      <th scope="col" className={className} title={title}>
        {heading}
      </th>
    );
  }
  const isSorted = sorting.by === name;
  return (
    <th scope="col" className={className} aria-sort={isSorted ? (sorting.direction === "asc" ? "ascending" : "descending") : "none"}>
      <button type="button" className={`inline-flex items-center gap-1 rounded hover:text-ink ${isSorted ? "text-ink" : ""} ${column.isFigure ? "flex-row-reverse" : ""}`} title={title} onClick={() => onSort(sortedBy(sorting, name))}>
        {heading}
        <span aria-hidden="true" className={`w-2 text-[0.625rem] ${isSorted ? "" : "opacity-0"}`}>
          {isSorted && sorting.direction === "asc" ? "▲" : "▼"}
        </span>
      </button>
    </th>
  );
}
