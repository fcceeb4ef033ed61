import { Link } from "@tanstack/react-router";
import { USER_COLUMNS, type UserColumn, type UserRow } from "../api/users";
import { FigureText } from "../components/FigureText";
import { Instant } from "../components/Instant";
import { known, unknown, type Figure } from "../format/unknown";
import { DataTable, type Column } from "../tables/DataTable";
import { sumOfCosts } from "../tables/figures";
import type { Sorting } from "../tables/sorting";

const ONE_DECIMAL = new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 });

const COLUMNS: readonly Column<UserRow, UserColumn>[] = [
  { name: "user_id", heading: "User", isSortable: true, cell: ({ user_id: id }) => <UserLink id={id} /> },
  { name: "active_for", heading: "Active on", title: "Days with any call, in UTC", isFigure: true, isSortable: true, from: "xl", cell: ({ active_for: days }) => formatDays(days) },
  { name: "first_active", heading: "First call", isSortable: true, from: "2xl", cell: (row) => <Instant iso={row.first_active} /> },
  { name: "last_active", heading: "Last call", isSortable: true, from: "md", cell: (row) => <Instant iso={row.last_active} /> },
  { name: "total_requests", heading: "Calls", isFigure: true, isSortable: true, cell: (row) => row.total_requests.toLocaleString("en-US") },
  {
    name: "average_requests_per_day_active",
    heading: "Calls a day",
    title: "On days with any",
    isFigure: true,
    isSortable: true,
    from: "lg",
    cell: (row) => oneDecimal(row.average_requests_per_day_active),
  },
  {
    name: "average_tokens_per_request",
    heading: "Tokens a call",
    isFigure: true,
    isSortable: true,
    from: "lg",
    cell: (row) => <FigureText figure={tokens(row.average_tokens_per_request)} />,
  },
  { name: "total_prompt_tokens", heading: "Tokens in", isFigure: true, isSortable: true, from: "2xl", cell: (row) => <FigureText figure={tokens(row.total_prompt_tokens)} /> },
  { name: "total_completion_tokens", heading: "Tokens out", isFigure: true, isSortable: true, from: "2xl", cell: (row) => <FigureText figure={tokens(row.total_completion_tokens)} /> },
  { name: "rate_limited_count", heading: "Limited", title: "Calls that a rate limit refused", isFigure: true, isSortable: true, from: "md", cell: ({ rate_limited_count: limited }) => limited.toLocaleString("en-US") },
  { name: "cost", heading: "Cost", isFigure: true, isSortable: true, cell: (row) => <FigureText figure={sumOfCosts(row.cost, row.cost_unknown, row.total_requests)} /> },
];

export const SORTABLE = USER_COLUMNS;

interface UserTableProps {
  rows: readonly UserRow[];
  sorting: Sorting<UserColumn>;
  onSort: (sorting: Sorting<UserColumn>) => void;
  isStale: boolean;
}

export function UserTable({ rows, sorting, onSort, isStale }: UserTableProps) {
  return <DataTable caption="Users" columns={COLUMNS} rows={rows} keyOf={(row) => row.user_id} sorting={sorting} onSort={onSort} isStale={isStale} testId="users" />;
}

function UserLink({ id }: { id: string }) {
  return (
    <Link to="/users/$userId" params={{ userId: id }} className="line-clamp-2 min-w-40 font-medium text-accent wrap-anywhere hover:underline max-sm:min-w-0" title={id}>
      {id}
    </Link>
  );
}

function tokens(value: number | null): Figure {
  return value === null ? unknown("no call reported its tokens") : known(oneDecimal(value));
}

function oneDecimal(value: number): string {
  return ONE_DECIMAL.format(value);
}

function formatDays(days: number): string {
  return days === 1 ? "1 day" : `${oneDecimal(days)} days`;
}
