import { Link } from "@tanstack/react-router";
import { SESSION_COLUMNS, type SessionColumn, type SessionRow } from "../api/sessions";
import { FigureText } from "../components/FigureText";
import { Instant } from "../components/Instant";
import { Tag } from "../components/Tag";
import { formatDuration } from "../format/numbers";
import { known, unknown, type Figure } from "../format/unknown";
import { DataTable, type Column } from "../tables/DataTable";
import { sumOfCosts } from "../tables/figures";
import type { Sorting } from "../tables/sorting";

/** How many users of a session are named. */
const NAMED_USERS = 2;

type Name = SessionColumn | "session" | "users";

const COLUMNS: readonly Column<SessionRow, Name>[] = [
  { name: "session", heading: "Session", cell: (row) => <SessionName row={row} /> },
  { name: "created_at", heading: "Began", isSortable: true, from: "lg", cell: (row) => <Instant iso={row.created_at} /> },
  { name: "latest_request_created_at", heading: "Last call", isSortable: true, from: "md", cell: (row) => <Instant iso={row.latest_request_created_at} /> },
  { name: "duration", heading: "Duration", title: "From the beginning of the first call to the end of the last one", isFigure: true, isSortable: true, from: "xl", cell: (row) => formatDuration(row.duration) },
  { name: "total_requests", heading: "Calls", isFigure: true, isSortable: true, cell: (row) => row.total_requests.toLocaleString("en-US") },
  { name: "errors", heading: "Errors", isFigure: true, isSortable: true, from: "md", cell: (row) => <Errors count={row.errors} /> },
  { name: "total_tokens", heading: "Tokens", isFigure: true, isSortable: true, from: "md", cell: (row) => <FigureText figure={tokensOf(row)} /> },
  { name: "avg_latency", heading: "Average latency", isFigure: true, isSortable: true, from: "2xl", cell: (row) => formatDuration(row.avg_latency) },
  { name: "total_cost", heading: "Cost", isFigure: true, isSortable: true, cell: (row) => <FigureText figure={sumOfCosts(row.total_cost, row.cost_unknown, row.total_requests)} /> },
  { name: "users", heading: "Users", from: "2xl", cell: (row) => <Users ids={row.user_ids} /> },
];

export const SORTABLE: readonly SessionColumn[] = SESSION_COLUMNS;

function tokensOf({ total_tokens: tokens }: SessionRow): Figure {
  return tokens === null ? unknown("no call reported its tokens") : known(tokens.toLocaleString("en-US"));
}

interface SessionTableProps {
  rows: readonly SessionRow[];
  sorting: Sorting<SessionColumn>;
  onSort: (sorting: Sorting<SessionColumn>) => void;
  isStale: boolean;
}

export function SessionTable({ rows, sorting, onSort, isStale }: SessionTableProps) {
  return (
    <DataTable<SessionRow, Name>
      caption="Sessions"
      columns={COLUMNS}
      rows={rows}
      keyOf={(row) => row.session_id}
      sorting={sorting}
      onSort={({ by, direction }) => by !== "users" && by !== "session" && onSort({ by, direction })}
      isStale={isStale}
      testId="sessions"
    />
  );
}

function SessionName({ row }: { row: SessionRow }) {
  return (
    <span className="flex min-w-32 flex-col">
      <Link to="/sessions/$sessionId" params={{ sessionId: row.session_id }} className="line-clamp-2 font-medium text-accent wrap-anywhere hover:underline" title={row.session_name || row.session_id}>
        {row.session_name || row.session_id}
      </Link>
      {row.tag && (
        <span className="flex min-w-0" title="The session's tag">
          <span className="min-w-0 truncate">
            <Tag text={row.tag} />
          </span>
        </span>
      )}
      {row.session_name && <span className="line-clamp-2 text-xs text-ink-faint wrap-anywhere" title={row.session_id}>{row.session_id}</span>}
    </span>
  );
}

function Errors({ count }: { count: number }) {
  return <span className={count > 0 ? "font-medium text-bad" : "text-ink-faint"}>{count.toLocaleString("en-US")}</span>;
}

function Users({ ids }: { ids: readonly string[] }) {
  if (ids.length === 0) return <FigureText figure={unknown("no call names a user")} />;
  return (
    <span className="block max-w-56 truncate text-ink-soft" title={ids.join("\n")}>
      {ids.slice(0, NAMED_USERS).join(", ")}
      {ids.length > NAMED_USERS && ` and ${ids.length - NAMED_USERS} more`}
    </span>
  );
}
