import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ApiClient } from "../api/client";
import { queryRequests } from "../api/requests";
import { QueryState } from "../components/QueryState";
import { Section } from "../components/Section";
import { buildFilter } from "../filter/ast";
import { addressOf, type RequestSearch, type TimeRange } from "../filter/search";
import { RequestTable } from "../requests/RequestTable";
import { useClient } from "../session/ClientContext";

/** How many hits are listed; the list of requests has the rest. */
const LISTED = 10;

interface LatestHitsProps {
  /** Null is ever. */
  range: TimeRange | null;
}

/** The calls that the cache answered last. */
export function LatestHits({ range }: LatestHitsProps) {
  const client = useClient();
  const search: RequestSearch = { cache: "hit", ...(range && { range }) };
  const query = useQuery({
    queryKey: ["cache-hits", range],
    queryFn: ({ signal }) => readHits(client, search, signal),
  });
  const rows = query.data ?? [];
  return (
    <Section
      title="Latest hits"
      lead="Each leads to the call itself, and from there to the call whose answer it got."
      action={
        <Link to="/requests" search={addressOf(search)} className="button">
          All hits
        </Link>
      }
    >
      <QueryState what="The hits" query={query} />
      {query.data && rows.length === 0 && <p className="panel px-4 py-3 text-ink-soft">The cache answered no call in this time.</p>}
      {rows.length > 0 && <RequestTable rows={rows} listKey={`hits ${range ?? "ever"}`} now={new Date(query.dataUpdatedAt)} />}
    </Section>
  );
}

function readHits(client: ApiClient, search: RequestSearch, signal: AbortSignal) {
  return queryRequests(client, { filter: buildFilter(search, Date.now()), limit: LISTED }, signal);
}
