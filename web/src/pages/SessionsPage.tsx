import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { firstOf } from "../address/address";
import { useAddress } from "../address/useAddress";
import { countSessions, querySessionNames, querySessions, type SessionQuestion } from "../api/sessions";
import { QueryState } from "../components/QueryState";
import { Tabs } from "../components/Tabs";
import { usePageTitle } from "../components/usePageTitle";
import { useFilter } from "../filter/useFilter";
import { useClient } from "../session/ClientContext";
import { SessionMetrics } from "../sessions/SessionMetrics";
import { SessionNames } from "../sessions/SessionNames";
import { SessionTable, SORTABLE } from "../sessions/SessionTable";
import { PageFilter } from "../tables/PageFilter";
import { PageHeader } from "../tables/PageHeader";
import { Pages } from "../tables/Pages";
import { SearchField } from "../tables/SearchField";
import { TableSkeleton } from "../tables/TableSkeleton";
import { NothingFits, Teach } from "../tables/Teach";
import { useTableAddress } from "../tables/useTableAddress";
import { TimeRangePicker } from "../time/TimeRangePicker";
import { useTimeRange } from "../time/useTimeRange";

const PAGE_SIZE = 50;
const READ_EVERY_MS = 10_000;
const EVER = { search: "", filter: "all", time: { range: "all" } } as const;
const EXAMPLE = ["Helicone-Session-Id: trip-42", "Helicone-Session-Name: Trip planner", "Helicone-Session-Path: /plan/search"];

/** Sessions: by name, in a table, and how they are spread. */
export function SessionsPage() {
  usePageTitle("Sessions");
  const client = useClient();
  const [address, change] = useAddress();
  const [time, setTime] = useTimeRange("30d");
  const [filter] = useFilter();
  const { sorting, setSorting, page, setPage } = useTableAddress(SORTABLE, { by: "created_at", direction: "desc" });
  const search = firstOf(address["q"]) ?? "";
  const name = firstOf(address["name"]) ?? null;
  const tab = firstOf(address["tab"]) === "metrics" ? "metrics" : "list";
  const question: SessionQuestion = { search, name, filter, time };
  const unnamed = { search, filter, time };
  const reading = { refetchInterval: READ_EVERY_MS, placeholderData: keepPreviousData };
  const names = useQuery({ ...reading, queryKey: ["sessions", "names", unnamed], queryFn: ({ signal }) => querySessionNames(client, unnamed, signal) });
  const count = useQuery({ ...reading, queryKey: ["sessions", "count", question], queryFn: ({ signal }) => countSessions(client, question, signal) });
  const rows = useQuery({
    ...reading,
    queryKey: ["sessions", "rows", question, sorting, page],
    queryFn: ({ signal }) => querySessions(client, question, { sort: sorting, offset: (page - 1) * PAGE_SIZE, limit: PAGE_SIZE }, signal),
  });
  const isNarrowed = search !== "" || name !== null || filter !== "all";
  const isNone = rows.data?.length === 0 && page === 1;
  const ever = useQuery({ queryKey: ["sessions", "ever"], queryFn: ({ signal }) => querySessionNames(client, EVER, signal), enabled: isNone && !isNarrowed });
  const choose = (next: string | null) => change({ name: next ?? undefined, page: undefined });
  const clear = () => change({ q: undefined, name: undefined, filter: undefined, page: undefined, range: "all", from: undefined, to: undefined });
  return (
    <div className="flex flex-col gap-3">
      <PageHeader title="Sessions" note={count.data && `${count.data.count.toLocaleString("en-US")} in all`}>
        <SearchField label="Search by id or name" value={search} onChange={(q) => change({ q: q || undefined, page: undefined }, { replace: true })} />
        <TimeRangePicker value={time} onChange={setTime} />
      </PageHeader>
      <PageFilter />
      <QueryState what="The sessions" query={{ isPending: false, error: rows.error ?? names.error, refetch: () => Promise.all([rows.refetch(), names.refetch(), count.refetch()]) }} />
      {isNone && !isNarrowed && ever.data?.length === 0 ? (
        <Teach title="No sessions yet" headers={EXAMPLE} label="first call of a session">
          A session puts the calls of one piece of work together: of an agent's run, a chat, a job. Give its calls the same id; their paths make the tree they are shown in.
        </Teach>
      ) : (
        <div className="grid items-start gap-3 lg:grid-cols-[15rem_minmax(0,1fr)] 2xl:grid-cols-[18rem_minmax(0,1fr)]">
          <SessionNames names={names.data} chosen={name} onChoose={choose} />
          <Tabs
            label="Views of the sessions"
            value={tab}
            onChange={(next) => change({ tab: next === "list" ? undefined : next }, { replace: true })}
            tabs={[
              {
                value: "list",
                text: "Sessions",
                content: (
                  <div className="flex flex-col gap-3">
                    {rows.isPending && !rows.error && <TableSkeleton what="The sessions" />}
                    {isNone && <NothingFits what="No session fits this range of time and these filters" onClear={clear} />}
                    {rows.data && rows.data.length > 0 && <SessionTable rows={rows.data} sorting={sorting} onSort={setSorting} isStale={rows.isPlaceholderData} />}
                    {rows.data && <Pages page={page} size={PAGE_SIZE} shown={rows.data.length} total={count.data?.count ?? null} onChange={setPage} />}
                  </div>
                ),
              },
              { value: "metrics", text: "Metrics", content: <SessionMetrics question={unnamed} /> },
            ]}
          />
        </div>
      )}
    </div>
  );
}
