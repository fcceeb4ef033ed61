import { useNavigate } from "@tanstack/react-router";
import { useCallback, useDeferredValue, useMemo, useRef, useState } from "react";
import { firstOf } from "../address/address";
import { useAddress } from "../address/useAddress";
import type { HeliconeRequest } from "../api/types";
import { LiveSwitch } from "../components/LiveSwitch";
import { QueryState } from "../components/QueryState";
import { useNarrow } from "../components/useNarrow";
import { usePageTitle } from "../components/usePageTitle";
import { FilterBar } from "../filter/FilterBar";
import { useFilter } from "../filter/useFilter";
import { DETAIL_TABS, DetailPanel, type DetailTab } from "../request/DetailPanel";
import { BodySearch, SearchProgress, useBodySearch } from "../requests/BodySearch";
import { ColumnMenu } from "../requests/ColumnMenu";
import { loadChoice, searchChoice, storeChoice, type ColumnChoice } from "../requests/choice";
import { EmptyList } from "../requests/EmptyList";
import { ExportMenu } from "../requests/ExportMenu";
import { takeOpened } from "../requests/lastOpened";
import { NARROW_COLUMNS, NARROW_ROW_HEIGHT } from "../requests/narrow";
import { isNewestFirst, readSorting, writeSorting } from "../requests/sorting";
import { ROW_LINK } from "../requests/TableRow";
import { useArrivals } from "../requests/useArrivals";
import { useListKeys } from "../requests/useListKeys";
import { useRequestPages, useRequestTotal } from "../requests/useRequestPages";
import { ROW_HEIGHT, VirtualTable } from "../requests/VirtualTable";
import { isOpenEnded } from "../time/range";
import { TimeRangePicker } from "../time/TimeRangePicker";
import { useTimeRange } from "../time/useTimeRange";

const NO_ROWS: HeliconeRequest[] = [];

/** All requests: found, followed, and each beside the list. */
export function RequestsPage() {
  usePageTitle("Requests");
  const [address, change] = useAddress();
  const [filter, setFilter] = useFilter();
  const [time, setTime] = useTimeRange("all");
  const navigate = useNavigate();
  const sortText = firstOf(address["sort"]);
  const sorting = useMemo(() => readSorting(sortText), [sortText]);
  const searchText = firstOf(address["q"]) ?? "";
  const openId = firstOf(address["open"]) ?? null;
  // The row is marked at once; what is beside it may take a moment longer.
  const shownId = useDeferredValue(openId);
  const tab = DETAIL_TABS.find((known) => known === firstOf(address["tab"])) ?? "conversation";

  const isNarrow = useNarrow();
  const [choice, setChoice] = useColumnChoice(isNarrow);
  const [live, setLive] = useState(true);
  const [isAtTop, setAtTop] = useState(true);
  const [activeId, setActiveId] = useState<string | null>(() => openId ?? takeOpened());
  const scroller = useRef<HTMLDivElement>(null);

  // What was chosen is in sight at once; the list, which takes longer to draw, follows.
  const listing = useDeferredValue(useMemo(() => ({ filter, time, sorting }), [filter, time, sorting]));
  const pages = useRequestPages(listing);
  const total = useRequestTotal(listing, live);
  const found = useBodySearch(searchText === "" ? null : searchText, listing.filter, listing.time);
  const isStale = found === null && pages.query.isPlaceholderData;
  const paused = pauseReason(found !== null, isNewestFirst(sorting), isOpenEnded(time));
  const arrivals = useArrivals({ ...listing, isFollowing: live && paused === null && pages.query.isSuccess && !isStale, isAtTop, listed: pages.rows, prepend: pages.prepend, renew: pages.renew, reload: pages.reload });
  const rows = found?.rows ?? pages.rows ?? NO_ROWS;
  const ids = useMemo(() => rows.map((row) => row.request_id), [rows]);

  const open = useCallback(
    (requestId: string) => {
      setActiveId(requestId);
      change({ open: requestId }, { replace: openId !== null });
    },
    [change, openId],
  );
  const close = useCallback(() => {
    change({ open: undefined, tab: undefined });
    setTimeout(() => focusRow(activeId));
  }, [change, activeId]);
  const move = useCallback(
    (requestId: string) => {
      if (openId !== null) return open(requestId);
      setActiveId(requestId);
      // The row may have to be drawn first.
      requestAnimationFrame(() => requestAnimationFrame(() => focusRow(requestId)));
    },
    [openId, open],
  );
  const firstInSight = useCallback(() => firstRowIn(scroller.current), []);
  const showWhole = useCallback((requestId: string) => void navigate({ to: "/requests/$requestId", params: { requestId } }), [navigate]);
  useListKeys({ ids, firstInSight, activeId, openId, onMove: move, onOpen: open, onClose: close, onWhole: showWhole });

  const more = useCallback(() => {
    if (!pages.query.isFetchingNextPage && !pages.query.isPlaceholderData) void pages.query.fetchNextPage();
  }, [pages.query]);
  const toTop = () => {
    arrivals.show();
    scroller.current?.scrollTo({ top: 0 });
  };
  const shown = useMemo(() => (searchText === "" || isNarrow ? choice : searchChoice(choice)), [choice, isNarrow, searchText]);
  const at = shownId === null ? -1 : ids.indexOf(shownId);
  const isFiltered = filter !== "all" || searchText !== "" || !("range" in time) || time.range !== "all";
  const isEmpty = found === null ? pages.query.isSuccess && !isStale && rows.length === 0 : found.isDone && rows.length === 0;
  return (
    <div className="-my-4 flex h-[calc(100dvh-3rem)] min-h-96 flex-col gap-2 py-3 lg:h-dvh">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <h1 className="text-lg font-semibold tracking-tight">Requests</h1>
        <p className="text-ink-soft tabular-nums" data-testid="total">
          {total.data === undefined ? "" : describeTotal(total.data)}
        </p>
        <BodySearch value={searchText} onChange={(text) => change({ q: text || undefined })} />
        <div className="ml-auto flex flex-wrap items-center gap-2">
          <LiveSwitch live={live} paused={paused} onChange={setLive} />
          <TimeRangePicker value={time} onChange={setTime} />
          {!isNarrow && <ColumnMenu choice={choice} onChange={setChoice} />}
          <ExportMenu filter={filter} time={time} total={total.data} />
        </div>
      </div>
      <FilterBar filter={filter} onChange={setFilter} />
      {found && <SearchProgress state={found} />}
      {pages.query.error && <QueryState what="The list" query={pages.query} />}
      <div className="flex min-h-0 flex-1 gap-3">
        <div className="relative flex min-w-0 flex-1 flex-col">
          {arrivals.waiting !== null && (
            <button type="button" className="button-primary absolute top-10 left-1/2 z-20 -translate-x-1/2 rounded-full shadow-lg" onClick={toTop}>
              {arrivals.waiting}
            </button>
          )}
          {isEmpty ? (
            <div className="overflow-y-auto">
              <EmptyList filtered={isFiltered} />
            </div>
          ) : found === null && pages.query.error && rows.length === 0 ? null : found === null && (pages.query.isPending || (isStale && rows.length === 0)) ? (
            <p className="py-16 text-center text-ink-faint">Reading…</p>
          ) : (
            <VirtualTable
              key={isNarrow ? "narrow" : "wide"}
              rows={rows}
              isStale={isStale}
              choice={shown}
              onChoice={(next) => setChoice({ ...choice, widths: next.widths })}
              sorting={sorting}
              onSort={(next) => change({ sort: writeSorting(next) })}
              activeId={activeId}
              openId={openId}
              onOpen={open}
              arrived={arrivals.arrived}
              now={arrivals.now}
              hasMore={found === null && pages.query.hasNextPage}
              onMore={more}
              onTop={setAtTop}
              scroller={scroller}
              rowHeight={isNarrow ? NARROW_ROW_HEIGHT : ROW_HEIGHT}
              total={found === null ? total.data : rows.length}
            />
          )}
        </div>
        {shownId !== null && (
          <DetailPanel
            requestId={shownId}
            row={rows[at]}
            tab={tab}
            onTab={(next: DetailTab) => change({ tab: next === "conversation" ? undefined : next }, { replace: true })}
            previousId={ids[at - 1] ?? null}
            nextId={at < 0 ? null : (ids[at + 1] ?? null)}
            onGo={open}
            onClose={close}
          />
        )}
      </div>
    </div>
  );
}

const NARROW_CHOICE: ColumnChoice = { names: NARROW_COLUMNS.map((column) => column.name), widths: {} };

/** The chosen columns; a narrow screen has its own few. */
function useColumnChoice(isNarrow: boolean): [ColumnChoice, (choice: ColumnChoice) => void] {
  const [choice, setChoice] = useState(loadChoice);
  const set = useCallback((next: ColumnChoice) => {
    storeChoice(next);
    setChoice(next);
  }, []);
  return [isNarrow ? NARROW_CHOICE : choice, set];
}

/** Says why nothing new appears in the list. */
function pauseReason(isSearching: boolean, isNewest: boolean, isOpen: boolean): string | null {
  if (isSearching) return "What is found by a search stands still";
  if (!isNewest) return "Only the newest first follows new requests";
  return isOpen ? null : "The range of time has an end";
}

function describeTotal(total: number): string {
  return total === 1 ? "1 in all" : `${total.toLocaleString("en-US")} in all`;
}

/** Returns the first row that the heading does not cover. */
function firstRowIn(list: HTMLElement | null): string | null {
  const heading = list?.querySelector("thead")?.getBoundingClientRect().bottom ?? 0;
  const links = [...(list?.querySelectorAll(`[${ROW_LINK}]`) ?? [])];
  return links.find((link) => link.getBoundingClientRect().top >= heading)?.getAttribute(ROW_LINK) ?? null;
}

function focusRow(requestId: string | null): void {
  if (requestId !== null) document.querySelector<HTMLElement>(`[${ROW_LINK}="${CSS.escape(requestId)}"]`)?.focus({ preventScroll: true });
}
