import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { Notice } from "../components/Notice";
import { usePageTitle } from "../components/usePageTitle";
import { formatAddress } from "../address/address";
import { countFilters, formatSearch, parseSearch } from "../filter/search";
import { EmptyList } from "../requests/EmptyList";
import { FilterBar } from "../requests/FilterBar";
import { LiveToggle } from "../requests/LiveToggle";
import { Pager } from "../requests/Pager";
import { isFirstPage } from "../requests/paging";
import { RequestTable } from "../requests/RequestTable";
import { useRequestRows, useRequestTotal } from "../requests/useRequestList";

const route = getRouteApi("/requests");

/** The live list of requests. */
export function RequestsPage() {
  usePageTitle("Requests");
  const search = parseSearch(formatAddress(route.useSearch()));
  const [live, setLive] = useState(true);
  const rows = useRequestRows(search, live);
  const total = useRequestTotal(search, live);
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <h1 className="text-lg font-semibold tracking-tight">Requests</h1>
        <p className="text-ink-soft tabular-nums" data-testid="total">
          {total.data === undefined ? "" : describeTotal(total.data)}
        </p>
        <div className="ml-auto">
          <LiveToggle live={live} paused={!isFirstPage(search)} onChange={setLive} />
        </div>
      </div>
      <FilterBar search={search} />
      {rows.error && <Notice tone="bad">The list could not be read: {rows.error.message}.{live && " Trying again…"}</Notice>}
      {rows.data === undefined && rows.isPending && <p className="py-16 text-center text-ink-faint">Reading…</p>}
      {rows.data?.length === 0 && <EmptyList filtered={countFilters(search) > 0 || !isFirstPage(search)} />}
      {rows.data !== undefined && rows.data.length > 0 && (
        <>
          <RequestTable rows={rows.data} listKey={rows.isPlaceholderData ? "" : formatSearch(search)} now={new Date(rows.dataUpdatedAt)} />
          <Pager search={search} rows={rows.data} />
        </>
      )}
    </div>
  );
}

function describeTotal(total: number): string {
  return total === 1 ? "1 in all" : `${total.toLocaleString("en-US")} in all`;
}
