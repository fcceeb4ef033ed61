import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { firstOf } from "../address/address";
import { useAddress } from "../address/useAddress";
import { queryUsers } from "../api/users";
import { QueryState } from "../components/QueryState";
import { Tabs } from "../components/Tabs";
import { usePageTitle } from "../components/usePageTitle";
import { useFilter } from "../filter/useFilter";
import { allOf, on } from "../filter/node";
import { useClient } from "../session/ClientContext";
import { PageFilter } from "../tables/PageFilter";
import { PageHeader } from "../tables/PageHeader";
import { Pages } from "../tables/Pages";
import { SearchField } from "../tables/SearchField";
import { TableSkeleton } from "../tables/TableSkeleton";
import { NothingFits, Teach } from "../tables/Teach";
import { useTableAddress } from "../tables/useTableAddress";
import { TimeRangePicker } from "../time/TimeRangePicker";
import { useTimeRange } from "../time/useTimeRange";
import { UserOverview } from "../users/UserOverview";
import { SORTABLE, UserTable } from "../users/UserTable";

const PAGE_SIZE = 50;
const READ_EVERY_MS = 10_000;

/** The users that calls name, and what the calls of each come to. */
export function UsersPage() {
  usePageTitle("Users");
  const client = useClient();
  const [address, change] = useAddress();
  const [time, setTime] = useTimeRange("30d");
  const [chosenFilter] = useFilter();
  const { sorting, setSorting, page, setPage } = useTableAddress(SORTABLE, { by: "cost", direction: "desc" });
  const search = firstOf(address["q"]) ?? "";
  const tab = firstOf(address["tab"]) === "metrics" ? "metrics" : "list";
  const filter = allOf([chosenFilter, search ? on({ user_id: { contains: search } }) : "all"]);
  const query = useQuery({
    queryKey: ["users", filter, time, sorting, page],
    queryFn: ({ signal }) => queryUsers(client, { filter, time, sort: sorting, offset: (page - 1) * PAGE_SIZE, limit: PAGE_SIZE }, signal),
    refetchInterval: READ_EVERY_MS,
    placeholderData: keepPreviousData,
  });
  const { data } = query;
  const clear = () => change({ q: undefined, filter: undefined, page: undefined, range: "all", from: undefined, to: undefined });
  return (
    <div className="flex flex-col gap-3">
      <PageHeader title="Users" note={data && `${data.count.toLocaleString("en-US")} in all`}>
        <SearchField label="Search users" value={search} onChange={(q) => change({ q: q || undefined, page: undefined }, { replace: true })} />
        <TimeRangePicker value={time} onChange={setTime} />
      </PageHeader>
      <PageFilter />
      <QueryState what="The users" query={{ isPending: false, error: query.error, refetch: query.refetch }} />
      {data?.hasUsers === false ? (
        <Teach title="No users yet" headers={["Helicone-User-Id: ada@example.com"]} label="first call of a user">
          A call names its user by a header; any text does. Then this page says who calls how often, what it costs, and who is refused by rate limits.
        </Teach>
      ) : (
        <Tabs
          label="Views of the users"
          value={tab}
          onChange={(next) => change({ tab: next === "list" ? undefined : next }, { replace: true })}
          tabs={[
            {
              value: "list",
              text: "Users",
              content: (
                <div className="flex flex-col gap-3">
                  {query.isPending && !query.error && <TableSkeleton what="The users" />}
                  {data?.users.length === 0 && <NothingFits what="No user fits this range of time and these filters" onClear={clear} />}
                  {data && data.users.length > 0 && <UserTable rows={data.users} sorting={sorting} onSort={setSorting} isStale={query.isPlaceholderData} />}
                  {data && <Pages page={page} size={PAGE_SIZE} shown={data.users.length} total={data.count} onChange={setPage} />}
                </div>
              ),
            },
            { value: "metrics", text: "Metrics", content: <UserOverview filter={filter} time={time} /> },
          ]}
        />
      )}
    </div>
  );
}
