import { useEffect } from "react";
import { getRouteApi, Link } from "@tanstack/react-router";
import { ApiError } from "../api/client";
import { BodyPanel } from "../body/BodyPanel";
import { Notice } from "../components/Notice";
import { usePageTitle } from "../components/usePageTitle";
import { ConversationPanel } from "../conversation/ConversationPanel";
import { RequestFacts } from "../request/DetailPanel";
import { RequestHeader } from "../request/RequestHeader";
import { useRequest } from "../request/useRequest";
import { rememberOpened } from "../requests/lastOpened";

const route = getRouteApi("/requests/$requestId");

/** Everything the log knows about one request. */
export function RequestPage() {
  const { requestId } = route.useParams();
  usePageTitle(`Request ${requestId.slice(0, 8)}`);
  useEffect(() => rememberOpened(requestId), [requestId]);
  const query = useRequest(requestId);
  if (query.data === undefined && query.error) return <Missing error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data === undefined) return <p className="py-16 text-center text-ink-faint">Reading…</p>;
  const request = query.data;
  return (
    <div className="flex flex-col gap-4">
      <RequestHeader request={request} />
      <div className="grid items-start gap-4 lg:grid-cols-[21rem_minmax(0,1fr)] min-[112rem]:grid-cols-[26rem_minmax(0,1fr)]">
        <div className="grid min-w-0 items-start gap-4 lg:col-start-2 lg:row-start-1 min-[88rem]:grid-cols-2">
          <div className="min-w-0 min-[88rem]:col-span-2">
            <ConversationPanel request={request} />
          </div>
          <BodyPanel title="Request body" body={request.request_body} state={request.request_body_state} sizeBytes={request.request_bytes} />
          <BodyPanel title="Response body" body={request.response_body} state={request.response_body_state} sizeBytes={request.response_bytes} />
        </div>
        <div className="min-w-0 lg:col-start-1 lg:row-start-1">
          <RequestFacts request={request} />
        </div>
      </div>
    </div>
  );
}

function Missing({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const unknownId = error instanceof ApiError && (error.status === 404 || error.status === 400);
  return (
    <div className="mx-auto flex max-w-lg flex-col items-start gap-3 py-16">
      <h1 className="text-lg font-semibold">{unknownId ? "There is no such request" : "The request could not be read"}</h1>
      <Notice tone={unknownId ? "warn" : "bad"}>
        {unknownId ? "A call appears here about a second after it ended. It may also have been removed, or belong to another organisation." : error.message}
      </Notice>
      <div className="flex flex-wrap gap-2">
        <button type="button" className="button" onClick={onRetry}>
          Try again
        </button>
        <Link to="/requests" className="button">
          Go to the requests
        </Link>
      </div>
    </div>
  );
}
