import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { getConversation } from "../api/requests";
import type { HeliconeRequest } from "../api/types";
import { QueryState } from "../components/QueryState";
import { useClient } from "../session/ClientContext";
import { ConversationView } from "./ConversationView";
import type { Conversation } from "./types";

/** What was said in a call, whichever API it went to. */
export function ConversationPanel({ request }: { request: HeliconeRequest }) {
  const headingId = useId();
  const client = useClient();
  const query = useQuery({
    queryKey: ["conversation", request.request_id],
    queryFn: ({ signal }) => getConversation(client, request.request_id, signal),
    refetchOnWindowFocus: false,
  });
  return (
    <section aria-labelledby={headingId} className="panel flex min-w-0 flex-col">
      <div className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-4 py-1.5">
        <h2 id={headingId} className="font-semibold">
          Conversation
        </h2>
        {query.data && <Kind conversation={query.data} />}
      </div>
      <div className="p-4">
        <QueryState what="The conversation" query={query} />
        {query.data && <ConversationView conversation={query.data} requestBody={request.request_body} responseBody={request.response_body} />}
      </div>
    </section>
  );
}

/** Which API a conversation was had by. */
function Kind({ conversation: { _type: kind } }: { conversation: Conversation }) {
  return <span className="font-mono text-xs text-ink-faint">{kind}</span>;
}
