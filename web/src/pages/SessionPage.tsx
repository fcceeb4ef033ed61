import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { firstOf } from "../address/address";
import { useAddress } from "../address/useAddress";
import { countRequests, queryRequests } from "../api/requests";
import { CopyButton } from "../components/CopyButton";
import { Icon } from "../components/Icon";
import { Notice } from "../components/Notice";
import { QueryState } from "../components/QueryState";
import { Tabs } from "../components/Tabs";
import { usePageTitle } from "../components/usePageTitle";
import { propertyIs, searchFor } from "../filter/links";
import { sessionOf } from "../requests/properties";
import { useClient } from "../session/ClientContext";
import { mayManage } from "../session/mayManage";
import { useCaller } from "../session/useCaller";
import { SessionConversation } from "../sessions/SessionConversation";
import { SessionNotes } from "../sessions/SessionNotes";
import { SessionTimeline } from "../sessions/SessionTimeline";
import { SessionTotals } from "../sessions/SessionTotals";
import { SessionTree } from "../sessions/SessionTree";
import { TableSkeleton } from "../tables/TableSkeleton";

const route = getRouteApi("/sessions/$sessionId");

const VIEWS = ["tree", "timeline", "conversation"] as const;

/** The API gives no more at once; longer sessions show their first calls. */
const MOST_CALLS = 1000;
/** A session may still be going on. */
const READ_EVERY_MS = 5000;
const SESSION_ID = "Helicone-Session-Id";

/** One session: what its calls come to, as a tree, over time, and as what was said. */
export function SessionPage() {
  const { sessionId } = route.useParams();
  const client = useClient();
  const caller = useCaller();
  const [address, change] = useAddress();
  const filter = propertyIs(SESSION_ID, sessionId);
  const query = useQuery({
    queryKey: ["session-calls", sessionId],
    queryFn: ({ signal }) => queryRequests(client, { filter, limit: MOST_CALLS, sort: { created_at: "asc" } }, signal),
    placeholderData: keepPreviousData,
    refetchInterval: READ_EVERY_MS,
  });
  const calls = query.data ?? [];
  const total = useQuery({
    queryKey: ["session-total", sessionId],
    queryFn: ({ signal }) => countRequests(client, filter, signal),
    enabled: calls.length === MOST_CALLS,
  });
  const name = calls.map((call) => sessionOf(call).name).find(Boolean);
  const view = VIEWS.find((known) => known === firstOf(address["view"])) ?? "tree";
  const all = total.data ?? calls.length;
  usePageTitle(`Session ${name ?? sessionId}`);
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-col gap-1.5">
        <Link to="/sessions" className="-ml-1 inline-flex w-fit items-center gap-1 text-xs text-ink-soft hover:text-ink">
          <Icon name="back" />
          Sessions
        </Link>
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
          <div className="min-w-0">
            <h1 className="line-clamp-3 text-lg font-semibold tracking-tight wrap-anywhere" title={name ?? sessionId}>
              {name ?? sessionId}
            </h1>
            <p className="flex items-center font-mono text-xs text-ink-soft">
              <span className="wrap-anywhere">{sessionId}</span>
              <CopyButton label="Copy session id" text={() => sessionId} />
            </p>
          </div>
          {calls.length > 0 && (
            <div className="flex flex-wrap items-center gap-2 sm:ml-auto">
              <SessionNotes sessionId={sessionId} calls={calls} mayWrite={caller.data !== undefined && mayManage(caller.data)} />
              <Link to="/requests" search={searchFor(filter, { range: "all" })} className="button">
                Its requests
              </Link>
            </div>
          )}
        </div>
      </div>
      {query.error && <QueryState what="The session" query={query} />}
      {query.isPending && !query.error && <TableSkeleton what="The session" />}
      {query.data?.length === 0 && (
        <Notice tone="warn">
          There are no calls of this session. They appear about a second after they end; a call belongs to a session by its header <code className="font-mono">Helicone-Session-Id</code>.
        </Notice>
      )}
      {calls.length > 0 && (
        <>
          <SessionTotals calls={calls} total={all} />
          {all > calls.length && <Notice tone="warn">Figures, tree and timeline are of the first {calls.length.toLocaleString("en-US")} calls of this session.</Notice>}
          <Tabs
            label="Views of the session"
            value={view}
            onChange={(next) => change({ view: next }, { replace: true })}
            tabs={[
              { value: "tree", text: "Tree", content: <SessionTree calls={calls} /> },
              { value: "timeline", text: "Timeline", content: <SessionTimeline calls={calls} /> },
              { value: "conversation", text: "Conversation", content: <SessionConversation calls={calls} /> },
            ]}
          />
        </>
      )}
    </div>
  );
}
