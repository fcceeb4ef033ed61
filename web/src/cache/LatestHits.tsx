import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { queryRequests } from "../api/requests";
import { QueryState } from "../components/QueryState";
import { Section } from "../components/Section";
import { searchFor } from "../filter/links";
import { useClient } from "../session/ClientContext";
import { CallTable } from "../tables/CallTable";
import { TableSkeleton } from "../tables/TableSkeleton";
import { withinTime } from "../tables/within";
import type { TimeRange } from "../time/range";
import { HIT } from "./hit";

/** How many hits are listed; the list of requests has the rest. */
const LISTED = 10;
const READ_EVERY_MS = 5000;

interface LatestHitsProps {
  time: TimeRange;
}

/** The calls that the cache answered last. */
export function LatestHits({ time }: LatestHitsProps) {
  const client = useClient();
  const query = useQuery({
    queryKey: ["cache-hits", time],
    queryFn: ({ signal }) => queryRequests(client, { filter: withinTime(HIT, time), limit: LISTED }, signal),
    refetchInterval: READ_EVERY_MS,
    placeholderData: keepPreviousData,
  });
  const rows = query.data ?? [];
  return (
    <Section
      title="Latest hits"
      lead="Each leads to the call itself, and from there to the call whose answer it got."
      action={
        <Link to="/requests" search={searchFor(HIT, time)} className="button">
          All hits
        </Link>
      }
    >
      {query.error && <QueryState what="The hits" query={query} />}
      {query.isPending && !query.error && <TableSkeleton what="The hits" rows={3} />}
      {query.data && rows.length === 0 && <p className="panel px-4 py-3 text-ink-soft">The cache answered no call in this time.</p>}
      {rows.length > 0 && <CallTable caption="Calls that the cache answered last" rows={rows} isStale={query.isPlaceholderData} />}
    </Section>
  );
}
