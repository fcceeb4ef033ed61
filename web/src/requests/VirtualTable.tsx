import { columnOrderingFeature, columnResizingFeature, columnSizingFeature, createColumnHelper, tableFeatures, useTable, type Header } from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, type RefObject } from "react";
import type { HeliconeRequest } from "../api/types";
import type { ColumnChoice } from "./choice";
import { columnOf, type CallColumn } from "./columns";
import { TableRow } from "./TableRow";
import { nextSorting, type Sorting, type SortKey } from "./sorting";

export const ROW_HEIGHT = 33;
const OVERSCAN = 12;
/** So many rows before the end the next page is asked for. */
const AHEAD = 30;

const features = tableFeatures({ columnOrderingFeature, columnSizingFeature, columnResizingFeature });
const helper = createColumnHelper<typeof features, HeliconeRequest>();

/** The table keeps columns and their widths; rows come sorted and are drawn from where they are. */
const NO_ROWS: HeliconeRequest[] = [];

interface VirtualTableProps {
  rows: HeliconeRequest[];
  /** Whether the rows are of an earlier question. */
  isStale: boolean;
  choice: ColumnChoice;
  onChoice: (choice: ColumnChoice) => void;
  sorting: Sorting;
  onSort: (sorting: Sorting) => void;
  /** The row that the keys are at, and the one that is open. */
  activeId: string | null;
  openId: string | null;
  onOpen: (requestId: string) => void;
  arrived: ReadonlySet<string>;
  now: Date;
  hasMore: boolean;
  onMore: () => void;
  /** Told whether the beginning of the list is in sight. */
  onTop: (isAtTop: boolean) => void;
  scroller: RefObject<HTMLDivElement | null>;
  /** Of each row, in pixels. */
  rowHeight: number;
  /** How many there are in all, if that is known. */
  total: number | undefined;
}

/** The list of requests. Only the rows in sight are drawn, however many there are. */
export function VirtualTable(props: VirtualTableProps) {
  const { rows, isStale, choice, onChoice, sorting, onSort, activeId, openId, onOpen, arrived, now, hasMore, onMore, onTop, scroller, rowHeight, total } = props;
  const shown = useMemo(() => choice.names.map(columnOf).filter((column) => column !== null), [choice.names]);
  const columns = useMemo(() => helper.columns(shown.map(({ name, width }) => helper.display({ id: name, size: width, minSize: 56, maxSize: 1200 }))), [shown]);
  const table = useTable({
    features,
    columns,
    data: NO_ROWS,
    columnResizeMode: "onEnd",
    state: { columnSizing: choice.widths },
    onColumnSizingChange: (change) => onChoice({ ...choice, widths: typeof change === "function" ? change(choice.widths) : change }),
  });
  const headers = table.getHeaderGroups()[0]?.headers ?? [];
  const widths = headers.map((header) => header.getSize());
  // The list itself changes by scrolling, which no memo sees.
  // oxlint-disable-next-line react/incompatible-library
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => rows[index]?.request_id ?? index,
    overscan: OVERSCAN,
    scrollPaddingStart: ROW_HEIGHT,
  });
  const items = virtualizer.getVirtualItems();
  const [first, last] = [items[0], items.at(-1)];

  const lastIndex = last?.index ?? -1;
  useEffect(() => {
    if (hasMore && lastIndex >= rows.length - AHEAD) onMore();
  }, [hasMore, lastIndex, rows.length, onMore]);

  const activeIndex = useMemo(() => rows.findIndex((row) => row.request_id === activeId), [rows, activeId]);
  const scrolledTo = useRef<string | null>(null);
  useEffect(() => {
    if (activeId === null || activeIndex < 0 || scrolledTo.current === activeId) return;
    scrolledTo.current = activeId;
    virtualizer.scrollToIndex(activeIndex, { align: "auto" });
  }, [activeId, activeIndex, virtualizer]);

  const before = first?.start ?? 0;
  const after = virtualizer.getTotalSize() - (last?.end ?? 0);
  return (
    <div
      ref={scroller}
      className={`panel relative min-h-0 flex-1 overflow-auto overscroll-contain ${isStale ? "opacity-60" : ""}`}
      aria-busy={isStale}
      onScroll={(event) => onTop(event.currentTarget.scrollTop < rowHeight)}
      tabIndex={-1}
      data-testid="request-list"
    >
      <table
        className="w-full table-fixed border-separate border-spacing-0 text-[0.8125rem]"
        style={{ minWidth: widths.reduce((sum, width) => sum + width, 0) }}
        aria-rowcount={total === undefined ? -1 : total + 1}
      >
        <caption className="sr-only">Requests. Move between rows with J and K or the arrow keys, open one with Enter.</caption>
        <colgroup>
          {headers.map((header, index) => (
            <col key={header.id} style={{ width: widths[index] }} />
          ))}
        </colgroup>
        <thead className="sticky top-0 z-10">
          <tr aria-rowindex={1}>
            {headers.map((header, index) => (
              <Heading
                key={header.id}
                header={header}
                column={shown[index]}
                sorting={sorting}
                onSort={(key) => onSort(nextSorting(sorting, key))}
              />
            ))}
          </tr>
        </thead>
        <tbody>
          {before > 0 && <Gap height={before} columns={headers.length} />}
          {items.map(({ index, key }) => {
            const row = rows[index];
            if (row === undefined) return null;
            const id = row.request_id;
            return <TableRow key={key} request={row} index={index} columns={shown} isActive={id === activeId} isOpen={id === openId} hasArrived={arrived.has(id)} now={now} height={rowHeight} onOpen={onOpen} />;
          })}
          {after > 0 && <Gap height={after} columns={headers.length} />}
        </tbody>
      </table>
    </div>
  );
}

interface HeadingProps {
  header: Header<typeof features, HeliconeRequest, unknown>;
  column: CallColumn | undefined;
  sorting: Sorting;
  onSort: (key: SortKey) => void;
}

function Heading({ header, column, sorting, onSort }: HeadingProps) {
  if (column === undefined) return null;
  const { heading, title, isFigure, sort } = column;
  const isSorted = sort !== undefined && sorting.key === sort;
  const resize = header.getResizeHandler();
  return (
    <th
      scope="col"
      aria-sort={sort === undefined ? undefined : isSorted ? (sorting.direction === "asc" ? "ascending" : "descending") : "none"}
      className={`group/heading relative h-8 border-b border-line bg-surface px-2.5 text-xs font-medium text-ink-faint first:pl-3 ${isFigure ? "text-right" : "text-left"}`}
      title={title}
    >
      {sort === undefined ? (
        <span className="block truncate">{heading}</span>
      ) : (
        <button type="button" className={`inline-flex max-w-full items-center gap-1 rounded hover:text-ink ${isSorted ? "text-ink" : ""}`} onClick={() => onSort(sort)}>
          <span className="truncate">{heading}</span>
          {isSorted && (
            <span aria-hidden="true" className="text-[0.625rem]">
              {sorting.direction === "asc" ? "▲" : "▼"}
            </span>
          )}
        </button>
      )}
      {/* The keyboard has the same in the choice of columns. */}
      <span
        aria-hidden="true"
        className="absolute inset-y-1 -right-1 z-10 w-2 cursor-col-resize touch-none rounded select-none hover:bg-line-strong max-sm:hidden"
        onMouseDown={resize}
        onTouchStart={resize}
      />
    </th>
  );
}

/** Room for the rows that are not drawn. */
function Gap({ height, columns }: { height: number; columns: number }) {
  return (
    <tr aria-hidden="true">
      <td colSpan={columns} style={{ height }} className="p-0">
        {"\u00a0"}
      </td>
    </tr>
  );
}
