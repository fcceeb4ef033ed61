import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { HeliconeRequest } from "../api/types";
import { FigureText } from "../components/FigureText";
import { Instant } from "../components/Instant";
import { StatusBadge } from "../components/StatusBadge";
import { modelOf } from "../format/model";
import { costOf } from "../format/money";
import { duration } from "../format/numbers";
import { statusOf } from "../format/status";
import { unknown } from "../format/unknown";
import { DataTable, type Column } from "./DataTable";

type Name = "time" | "status" | "model" | "latency" | "cost" | "user" | "more";

interface CallTableProps {
  caption: string;
  rows: readonly HeliconeRequest[];
  /** A further column. */
  more?: { heading: string; cell: (request: HeliconeRequest) => ReactNode };
  isStale?: boolean;
}

const COLUMNS: readonly Column<HeliconeRequest, Name>[] = [
  { name: "time", heading: "Time", cell: (request) => <CallLink request={request} /> },
  { name: "status", heading: "Status", cell: (request) => <StatusBadge request={request} /> },
  { name: "model", heading: "Model", cell: (request) => <span className="wrap-anywhere">{modelOf(request) ?? <FigureText figure={unknown("the call names no model")} />}</span> },
  { name: "user", heading: "User", from: "lg", cell: (request) => <span className="block max-w-56 truncate text-ink-soft">{request.request_user_id}</span> },
  { name: "latency", heading: "Latency", isFigure: true, from: "md", cell: (request) => <FigureText figure={duration(request.delay_ms, "the call's duration is not known")} /> },
  { name: "cost", heading: "Cost", isFigure: true, from: "sm", cell: (request) => <FigureText figure={costOf(request)} /> },
];

/** A short list of calls; each leads to its page. */
export function CallTable({ caption, rows, more, isStale = false }: CallTableProps) {
  const columns = more === undefined ? COLUMNS : [...COLUMNS.map(leaveRoom), { name: "more" as const, ...more }];
  return <DataTable<HeliconeRequest, Name> caption={caption} columns={columns} rows={rows} keyOf={(request) => request.request_id} isStale={isStale} />;
}

/** On a narrow screen the model makes room for a further column. */
function leaveRoom(column: Column<HeliconeRequest, Name>): Column<HeliconeRequest, Name> {
  return column.name === "model" ? { ...column, from: "sm" } : column;
}

function CallLink({ request }: { request: HeliconeRequest }) {
  return (
    <Link
      to="/requests/$requestId"
      params={{ requestId: request.request_id }}
      className="text-accent hover:underline"
      data-row-link={request.request_id}
    >
      <Instant iso={request.request_created_at} />
      <span className="sr-only">
        , {modelOf(request) ?? "unknown model"}, {statusOf(request).text}
      </span>
    </Link>
  );
}
