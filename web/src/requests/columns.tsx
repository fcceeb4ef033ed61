/** The columns that the list of requests can have. */
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { HeliconeRequest } from "../api/types";
import { FigureText } from "../components/FigureText";
import { modelOf } from "../format/model";
import { costOf } from "../format/money";
import { bytes, count, duration } from "../format/numbers";
import { tokensIn, tokensOut } from "../format/tokens";
import { explainFirstToken, explainTokens, unknown, type Figure } from "../format/unknown";
import { CallStatus } from "./CallStatus";
import { NARROW_COLUMNS } from "./narrow";
import { PropertyChips } from "./PropertyChips";
import { sessionOf } from "./properties";
import { SNIPPET_COLUMN } from "./snippet";
import type { SortKey } from "./sorting";

export interface CallColumn {
  name: string;
  heading: string;
  /** What the heading means, for who asks. */
  title?: string;
  width: number;
  isFigure?: boolean;
  sort?: SortKey;
  cell: (request: HeliconeRequest) => ReactNode;
}

const NONE = <span className="text-ink-faint" aria-hidden="true"></span>;
const text = (value: string | null | undefined): ReactNode => (value ? <span title={value}>{value}</span> : NONE);
const soft = (value: string | null | undefined): ReactNode => <span className="text-ink-soft">{text(value)}</span>;
const figure = (value: Figure): ReactNode => <FigureText figure={value} />;
const tokens = (request: HeliconeRequest, value: number | null | undefined): ReactNode => figure(count(value, explainTokens(request)));

export const COLUMNS: readonly CallColumn[] = [
  // The cell of the time is the row's link; the table draws it.
  { name: "time", heading: "Time", width: 138, sort: "created_at", cell: () => null },
  { name: "status", heading: "Status", width: 174, cell: (request) => <CallStatus request={request} /> },
  { name: "model", heading: "Model", width: 170, sort: "body_model", cell: (request) => <span className="font-medium">{modelOf(request) ? text(modelOf(request)) : figure(unknown("the call names no model"))}</span> },
  { name: "request", heading: "Request", width: 150, sort: "request_prompt", cell: (request) => text(request.request_preview) },
  { name: "response", heading: "Response", width: 150, sort: "response_text", cell: (request) => soft(request.response_preview) },
  { name: "provider", heading: "Provider", width: 120, cell: (request) => (request.provider ? soft(request.provider) : figure(unknown("the target is no known provider"))) },
  { name: "latency", heading: "Latency", width: 76, isFigure: true, sort: "latency", cell: (request) => figure(duration(request.delay_ms, "the call's duration is not known")) },
  {
    name: "firstToken",
    heading: "First token",
    title: "Time from the start of the call to the first token of the response",
    width: 90,
    isFigure: true,
    sort: "time_to_first_token",
    cell: (request) => figure(duration(request.time_to_first_token, explainFirstToken(request))),
  },
  { name: "tokens", heading: "Tokens in / out", width: 118, isFigure: true, sort: "total_tokens", cell: (request) => <Tokens request={request} /> },
  { name: "tokensIn", heading: "Tokens in", width: 90, isFigure: true, sort: "prompt_tokens", cell: (request) => tokens(request, tokensIn(request)) },
  { name: "tokensOut", heading: "Tokens out", width: 96, isFigure: true, sort: "completion_tokens", cell: (request) => tokens(request, tokensOut(request)) },
  { name: "cacheRead", heading: "Cache read", title: "Tokens read from the provider's cache", width: 96, isFigure: true, cell: (request) => tokens(request, request.prompt_cache_read_tokens) },
  { name: "cacheWrite", heading: "Cache write", title: "Tokens written to the provider's cache", width: 100, isFigure: true, cell: (request) => tokens(request, request.prompt_cache_write_tokens) },
  { name: "reasoning", heading: "Reasoning", title: "Tokens of reasoning", width: 94, isFigure: true, cell: (request) => tokens(request, request.reasoning_tokens) },
  { name: "cost", heading: "Cost", width: 106, isFigure: true, sort: "cost", cell: (request) => figure(costOf(request)) },
  { name: "user", heading: "User", width: 140, sort: "user_id", cell: (request) => soft(request.request_user_id) },
  { name: "session", heading: "Session", width: 150, cell: (request) => <Session request={request} /> },
  { name: "properties", heading: "Properties", width: 260, cell: (request) => <PropertyChips request={request} /> },
  { name: "prompt", heading: "Prompt", width: 130, cell: (request) => soft(request.prompt_id) },
  { name: "feedback", heading: "Rated", width: 70, cell: (request) => soft(request.feedback_rating === null || request.feedback_rating === undefined ? null : request.feedback_rating ? "good" : "bad") },
  { name: "country", heading: "Country", width: 76, cell: (request) => soft(request.country_code) },
  { name: "path", heading: "Path", width: 190, cell: (request) => soft(request.request_path) },
  { name: "target", heading: "Target", width: 240, cell: (request) => soft(request.target_url) },
  { name: "size", heading: "Size", title: "Size of both bodies on the wire", width: 84, isFigure: true, cell: (request) => figure(bytes(request.size_bytes, "the size is not known")) },
  { name: "id", heading: "Request id", width: 290, cell: (request) => <span className="font-mono text-xs text-ink-soft">{request.request_id}</span> },
];

/** Returns the column of a name: one of ours, a narrow screen's, a property's or a score's. */
export function columnOf(name: string): CallColumn | null {
  const known = [...COLUMNS, ...NARROW_COLUMNS].find((column) => column.name === name);
  if (known) return known;
  if (name === SNIPPET_COLUMN.name) return SNIPPET_COLUMN;
  const [, kind, key] = /^(property|score):(.+)$/.exec(name) ?? [];
  if (key === undefined) return null;
  if (kind === "property") return { name, heading: key, width: 140, sort: `properties:${key}`, cell: (request) => text(request.properties?.[key]) };
  return { name, heading: key, width: 100, isFigure: true, cell: (request) => figure(scoreOf(request, key)) };
}

function scoreOf({ scores }: HeliconeRequest, key: string): Figure {
  const value = scores?.[key] ?? scores?.[`${key}-hcone-bool`];
  return count(value, "it was not given");
}

function Tokens({ request }: { request: HeliconeRequest }) {
  return (
    <>
      {tokens(request, tokensIn(request))}
      <span className="text-ink-faint"> / </span>
      {tokens(request, tokensOut(request))}
    </>
  );
}

function Session({ request }: { request: HeliconeRequest }) {
  const { id, name } = sessionOf(request);
  if (id === null) return NONE;
  return (
    <Link to={`/sessions/${encodeURIComponent(id)}` as string} className="text-ink-soft hover:text-accent hover:underline" title={id}>
      {name ?? id}
    </Link>
  );
}
