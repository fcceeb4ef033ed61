import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { queryRequests } from "../api/requests";
import { CopyButton } from "../components/CopyButton";
import { Icon } from "../components/Icon";
import { QueryState } from "../components/QueryState";
import { Section } from "../components/Section";
import { usePageTitle } from "../components/usePageTitle";
import { columnIs, searchFor } from "../filter/links";
import { useClient } from "../session/ClientContext";
import { CallTable } from "../tables/CallTable";
import { PageHeader } from "../tables/PageHeader";
import { TableSkeleton } from "../tables/TableSkeleton";
import { withinTime } from "../tables/within";
import { TimeRangePicker } from "../time/TimeRangePicker";
import { useTimeRange } from "../time/useTimeRange";
import { UserFigures } from "../users/UserFigures";

const route = getRouteApi("/users/$userId");
const LISTED = 20;
const READ_EVERY_MS = 5000;

/** One user: figures over time, and the latest calls. */
export function UserPage() {
  const { userId } = route.useParams();
  usePageTitle(`User ${userId}`);
  const client = useClient();
  const [time, setTime] = useTimeRange("30d");
  const filter = columnIs("user_id", userId);
  const latest = useQuery({
    queryKey: ["user-calls", userId, time],
    queryFn: ({ signal }) => queryRequests(client, { filter: withinTime(filter, time), limit: LISTED, sort: { created_at: "desc" } }, signal),
    refetchInterval: READ_EVERY_MS,
    placeholderData: keepPreviousData,
  });
  const zoom = (fromMs: number, toMs: number) => setTime({ from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() });
  return (
    <div className="flex flex-col gap-5">
      <div className="flex flex-col gap-1.5">
        <Link to="/users" className="-ml-1 inline-flex w-fit items-center gap-1 text-xs text-ink-soft hover:text-ink">
          <Icon name="back" />
          Users
        </Link>
        <PageHeader title={userId} note={<CopyButton label="Copy user id" text={() => userId} />}>
          <Link to="/requests" search={searchFor(filter, time)} className="button">
            All requests
          </Link>
          <TimeRangePicker value={time} onChange={setTime} />
        </PageHeader>
      </div>
      <UserFigures filter={filter} time={time} onZoom={zoom} />
      <Section title="Latest requests" lead={`The last ${LISTED} of this range of time.`}>
        {latest.error && <QueryState what="The requests" query={latest} />}
        {latest.isPending && !latest.error && <TableSkeleton what="The requests" rows={5} />}
        {latest.data?.length === 0 && <p className="panel px-4 py-3 text-ink-soft">This user made no calls in this range of time.</p>}
        {latest.data && latest.data.length > 0 && <CallTable caption="Latest requests of the user" rows={latest.data} isStale={latest.isPlaceholderData} />}
      </Section>
    </div>
  );
}
