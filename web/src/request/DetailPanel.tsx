import { Link } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import type { HeliconeRequest } from "../api/types";
import { BodyPanel } from "../body/BodyPanel";
import { Icon } from "../components/Icon";
import { QueryState } from "../components/QueryState";
import { StatusBadge } from "../components/StatusBadge";
import { Tabs } from "../components/Tabs";
import { ConversationPanel } from "../conversation/ConversationPanel";
import { modelOf } from "../format/model";
import { Attempts } from "./Attempts";
import { ContextFacts } from "./ContextFacts";
import { FeedbackFacts } from "./FeedbackFacts";
import { HandlingFacts } from "./HandlingFacts";
import { KeyFigures } from "./KeyFigures";
import { PromptFacts } from "./PromptFacts";
import { RequestActions } from "./RequestActions";
import { Timing } from "./Timing";
import { TransportFacts } from "./TransportFacts";
import { UsageFacts } from "./UsageFacts";
import { useRequest } from "./useRequest";

export const DETAIL_TABS = ["conversation", "request", "response", "details"] as const;
export type DetailTab = (typeof DETAIL_TABS)[number];

interface DetailPanelProps {
  requestId: string;
  /** What the list knows of it, which is shown until all of it is read. */
  row: HeliconeRequest | undefined;
  tab: DetailTab;
  onTab: (tab: DetailTab) => void;
  /** Those before and after it in the list; null at its ends. */
  previousId: string | null;
  nextId: string | null;
  onGo: (requestId: string) => void;
  onClose: () => void;
}

/** One request beside the list. */
export function DetailPanel({ requestId, row, tab, onTab, previousId, nextId, onGo, onClose }: DetailPanelProps) {
  const query = useRequest(requestId);
  const heading = useRef<HTMLHeadingElement>(null);
  const whole = query.data;
  const request = whole ?? row;
  // Screen readers are led to the panel when it opens; going on from there leaves the focus where it is.
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <aside
      aria-label="Request"
      aria-busy={query.isPending}
      className="panel flex min-h-0 min-w-0 flex-col max-lg:fixed max-lg:inset-0 max-lg:z-30 max-lg:rounded-none lg:w-[clamp(28rem,44%,64rem)] lg:shrink-0"
    >
      <div className="flex flex-col gap-1 border-b border-line px-4 py-2">
        <div className="flex items-center gap-1">
          <h2 ref={heading} tabIndex={-1} className="min-w-0 truncate text-base font-semibold tracking-tight outline-none">
            {request ? (modelOf(request) ?? "Request without a model") : "Request"}
          </h2>
          {request && (
            <span className="px-1.5">
              <StatusBadge request={request} />
            </span>
          )}
          <div className="ml-auto flex shrink-0 items-center">
            <Step label="Request before" icon="previous" target={previousId} onGo={onGo} />
            <Step label="Next request" icon="chevron" target={nextId} onGo={onGo} />
            <Link to="/requests/$requestId" params={{ requestId }} className="button-quiet px-1.5" aria-label="Open on its own page" title="Open on its own page (o)">
              <Icon name="expand" />
            </Link>
            <button type="button" className="button-quiet px-1.5" aria-label="Close" title="Close (Esc)" onClick={onClose}>
              <Icon name="close" />
            </button>
          </div>
        </div>
        {request && <KeyFigures request={request} />}
        {request && (
          <div className="flex flex-wrap items-center gap-1.5 pt-0.5">
            <RequestActions key={request.request_id} request={request} isWhole={whole !== undefined} />
            <span className="ml-auto truncate font-mono text-xs text-ink-faint" title={request.request_id}>
              {request.request_id.slice(0, 8)}
            </span>
          </div>
        )}
      </div>
      <div className="relative min-h-0 flex-1 overflow-y-auto px-4 py-2" tabIndex={0} role="region" aria-label="All of the request">
        {query.error && <QueryState what="The request" query={query} />}
        {query.isPending && <p className="animate-late py-16 text-center text-ink-faint">Reading…</p>}
        {whole && <Parts request={whole} tab={tab} onTab={onTab} />}
      </div>
    </aside>
  );
}

function Parts({ request, tab, onTab }: { request: HeliconeRequest; tab: DetailTab; onTab: (tab: DetailTab) => void }) {
  return (
    <Tabs
      key={request.request_id}
      label="Parts of the request"
      value={tab}
      onChange={onTab}
      tabs={[
        { value: "conversation", text: "Conversation", content: <ConversationPanel request={request} /> },
        {
          value: "request",
          text: "Request",
          content: <BodyPanel title="Request body" body={request.request_body} state={request.request_body_state} sizeBytes={request.request_bytes} />,
        },
        {
          value: "response",
          text: "Response",
          content: <BodyPanel title="Response body" body={request.response_body} state={request.response_body_state} sizeBytes={request.response_bytes} />,
        },
        { value: "details", text: "Details", content: <RequestFacts request={request} /> },
      ]}
    />
  );
}

/** Everything about a request but what was said. */
export function RequestFacts({ request }: { request: HeliconeRequest }) {
  return (
    <div className="panel">
      <Timing request={request} />
      <Attempts request={request} />
      <FeedbackFacts request={request} />
      <HandlingFacts request={request} />
      <UsageFacts request={request} />
      <ContextFacts request={request} />
      <PromptFacts request={request} />
      <TransportFacts request={request} />
    </div>
  );
}

function Step({ label, icon, target, onGo }: { label: string; icon: "previous" | "chevron"; target: string | null; onGo: (requestId: string) => void }) {
  return (
    <button type="button" className="button-quiet px-1.5" aria-label={label} title={label} disabled={target === null} onClick={() => target !== null && onGo(target)}>
      <Icon name={icon} />
    </button>
  );
}
