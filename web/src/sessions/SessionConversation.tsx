import { useQueries } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useId, useMemo, useState } from "react";
import { getConversation } from "../api/requests";
import type { HeliconeRequest } from "../api/types";
import { QueryState } from "../components/QueryState";
import { StatusBadge } from "../components/StatusBadge";
import { ConversationView } from "../conversation/ConversationView";
import type { Conversation } from "../conversation/types";
import { modelOf } from "../format/model";
import { formatFullInstant } from "../format/time";
import { useClient } from "../session/ClientContext";
import { saidIn, withoutRepeated } from "./said";
import { byTime, pathOf } from "./tree";

/** How many calls are read at once: each has two bodies. */
const READ_AT_ONCE = 10;

interface SessionConversationProps {
  calls: readonly HeliconeRequest[];
}

/** What was said in a session, call after call; what a call repeats of earlier ones is left out. */
export function SessionConversation({ calls }: SessionConversationProps) {
  const id = useId();
  const client = useClient();
  const [shown, setShown] = useState(READ_AT_ONCE);
  const [isWhole, setIsWhole] = useState(false);
  const ordered = useMemo(() => calls.toSorted(byTime), [calls]);
  const queries = useQueries({
    queries: ordered.slice(0, shown).map(({ request_id: requestId }) => ({
      queryKey: ["conversation", requestId],
      queryFn: ({ signal }: { signal: AbortSignal }) => getConversation(client, requestId, signal),
      refetchOnWindowFocus: false,
    })),
  });
  const conversations = queries.map(({ data }) => data);
  return (
    <div className="flex max-w-5xl flex-col gap-3" data-testid="session-conversation">
      <div className="flex items-center gap-2">
        <input id={id} type="checkbox" checked={isWhole} onChange={(event) => setIsWhole(event.target.checked)} className="size-4 accent-accent-fill" />
        <label htmlFor={id} className="text-[0.8125rem]">
          Show what calls repeat of earlier ones
        </label>
      </div>
      <ol className="flex flex-col gap-3">
        {ordered.slice(0, shown).map((call, index) => {
          const query = queries[index];
          if (!query) return null;
          const { conversation, repeated } = partOf(conversations, index, isWhole);
          return (
            <li key={call.request_id} className="panel min-w-0">
              <CallHeading call={call} />
              <div className="flex flex-col gap-3 p-4">
                <QueryState what="The conversation" query={query} />
                {repeated > 0 && <p className="text-xs text-ink-faint">{repeated === 1 ? "One earlier message" : `${repeated} earlier messages`} left out</p>}
                {conversation && <ConversationView conversation={conversation} requestBody={undefined} responseBody={undefined} />}
              </div>
            </li>
          );
        })}
      </ol>
      {ordered.length > shown && (
        <button type="button" className="button self-center" onClick={() => setShown(shown + READ_AT_ONCE)}>
          Show {Math.min(READ_AT_ONCE, ordered.length - shown)} more of {ordered.length - shown}
        </button>
      )}
    </div>
  );
}

function CallHeading({ call }: { call: HeliconeRequest }) {
  const path = pathOf(call);
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-4 py-2">
      <h3 className="font-semibold wrap-anywhere">
        <Link to="/requests/$requestId" params={{ requestId: call.request_id }} className="hover:underline">
          {path || modelOf(call) || "Call"}
        </Link>
      </h3>
      {path && <span className="text-xs text-ink-soft wrap-anywhere">{modelOf(call)}</span>}
      <StatusBadge request={call} />
      <time dateTime={call.request_created_at} className="ml-auto text-xs text-ink-faint tabular-nums">
        {formatFullInstant(call.request_created_at)}
      </time>
    </div>
  );
}

/** Returns the conversation of a call without what the ones before it said. */
function partOf(conversations: readonly (Conversation | undefined)[], index: number, isWhole: boolean): { conversation: Conversation | undefined; repeated: number } {
  const conversation = conversations[index];
  if (conversation === undefined || isWhole) return { conversation, repeated: 0 };
  return withoutRepeated(conversation, saidIn(conversations.slice(0, index).filter((earlier) => earlier !== undefined)));
}
