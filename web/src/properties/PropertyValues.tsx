import { Link } from "@tanstack/react-router";
import type { Address } from "../address/address";
import type { FilterNode } from "../api/types";
import { QueryState } from "../components/QueryState";
import { FigureText } from "../components/FigureText";
import { BarList } from "../charts/BarList";
import { colourAt } from "../charts/colours";
import { TimeChart } from "../charts/TimeChart";
import { propertyIs, searchWithin } from "../filter/links";
import { allOf, anyOf, on } from "../filter/node";
import { formatUsd } from "../format/money";
import { figureOf, groupOf, type Measure, type MetricsRow } from "../metrics/query";
import { timesOf, valuesByGroup } from "../metrics/series";
import { useMetrics } from "../metrics/useMetrics";
import { DataTable, type Column } from "../tables/DataTable";
import { costCell, countCell, latencyCell, shareCell, tokensCell } from "../tables/figures";
import { Pages } from "../tables/Pages";
import { TableSkeleton } from "../tables/TableSkeleton";
import { NothingFits } from "../tables/Teach";
import { useTableAddress } from "../tables/useTableAddress";
import { lengthOf } from "../time/increments";
import type { TimeRange } from "../time/range";

const PAGE_SIZE = 50;
const TOP = 6;
const SORTED_BY = ["requests", "cost", "total_tokens", "latency_average", "errors"] as const satisfies readonly Measure[];
type Sorted = (typeof SORTED_BY)[number];

/** A value of the property, and where its calls are. */
interface ValueRow {
  value: string;
  search: Address;
  row: MetricsRow;
}

const COLUMNS: readonly Column<ValueRow, Sorted | "value">[] = [
  { name: "value", heading: "Value", cell: ({ value, search }) => <ValueLink value={value} search={search} /> },
  { name: "requests", heading: "Requests", isFigure: true, isSortable: true, cell: ({ row }) => <FigureText figure={countCell(row, "requests")} /> },
  { name: "errors", heading: "Errors", isFigure: true, isSortable: true, from: "sm", cell: ({ row }) => <FigureText figure={shareCell(figureOf(row, "errors"), figureOf(row, "requests"))} /> },
  { name: "total_tokens", heading: "Tokens", isFigure: true, isSortable: true, from: "md", cell: ({ row }) => <FigureText figure={tokensCell(row)} /> },
  { name: "latency_average", heading: "Average latency", isFigure: true, isSortable: true, from: "md", cell: ({ row }) => <FigureText figure={latencyCell(row)} /> },
  { name: "cost", heading: "Cost", isFigure: true, isSortable: true, cell: ({ row }) => <FigureText figure={costCell(row)} /> },
];

interface PropertyValuesProps {
  name: string;
  /** A part of the values that are wanted. */
  search: string;
  filter: FilterNode;
  time: TimeRange;
  onZoom: (fromMs: number, toMs: number) => void;
}

/** The values of a property: the top ones, over time, and all of them in a table. */
export function PropertyValues({ name, search, filter, time, onZoom }: PropertyValuesProps) {
  const { sorting, setSorting, page, setPage } = useTableAddress<Sorted>(SORTED_BY, { by: "requests", direction: "desc" });
  const within = allOf([filter, search ? on({ properties: { [name]: { contains: search } } }) : "all"]);
  const query = useMetrics({
    filter: within,
    time,
    groupBy: [{ property: name }],
    measures: ["requests", "errors", "cost", "cost_unknown", "total_tokens", "latency_average"],
    sort: [sorting],
    offset: (page - 1) * PAGE_SIZE,
    limit: PAGE_SIZE,
  }, { live: true });
  const rows = (query.data?.rows ?? []).map((row): ValueRow => {
    const value = groupOf(row, "property");
    return { value, search: searchWithin(filter, propertyIs(name, value), time), row };
  });
  return (
    <div className="flex flex-col gap-3">
      <ValuesOverTime name={name} filter={within} time={time} onZoom={onZoom} />
      <div className="grid gap-3 xl:grid-cols-2">
        <TopValues name={name} filter={within} time={time} by="requests" />
        <TopValues name={name} filter={within} time={time} by="cost" />
      </div>
      {query.error && <QueryState what="The values" query={query} />}
      {query.isPending && !query.error && <TableSkeleton what="The values" />}
      {query.data && rows.length === 0 && <NothingFits what={`No call of this range of time has a value of ${name} that fits`} />}
      {rows.length > 0 && (
        <DataTable<ValueRow, Sorted | "value">
          caption={`Values of ${name}`}
          columns={COLUMNS}
          rows={rows}
          keyOf={({ value }) => value}
          sorting={sorting}
          onSort={({ by, direction }) => by !== "value" && setSorting({ by, direction })}
          isStale={query.isPlaceholderData}
          testId="property-values"
        />
      )}
      {query.data && <Pages page={page} size={PAGE_SIZE} shown={rows.length} total={query.data.total} onChange={setPage} />}
    </div>
  );
}

function ValueLink({ value, search }: { value: string; search: Address }) {
  return (
    <Link to="/requests" search={search} className="font-medium text-accent wrap-anywhere hover:underline" title="Show the requests with this value">
      {value}
    </Link>
  );
}

interface TopProps {
  name: string;
  filter: FilterNode;
  time: TimeRange;
}

function TopValues({ name, filter, time, by }: TopProps & { by: "requests" | "cost" }) {
  const query = useMetrics({ filter, time, groupBy: [{ property: name }], measures: [by], sort: [{ by, direction: "desc" }], limit: TOP }, { live: true });
  const write = (value: number) => (by === "cost" ? formatUsd(value) : value.toLocaleString("en-US"));
  const rows = (query.data?.rows ?? []).map((row) => {
    const value = groupOf(row, "property");
    const figure = figureOf(row, by);
    return { key: value, label: value, value: figure, text: figure === null ? "not known" : write(figure), search: searchWithin(filter, propertyIs(name, value), time) };
  });
  const title = by === "cost" ? "Top values by cost" : "Top values by requests";
  return <BarList title={title} measure={by === "cost" ? "Cost" : "Requests"} rows={rows} colour={by === "cost" ? 3 : 1} isReading={query.isPending} error={query.error} />;
}

/** Only the top values have a series of their own: more are not told apart. */
function ValuesOverTime({ name, filter, time, onZoom }: TopProps & Pick<PropertyValuesProps, "onZoom">) {
  const top = useMetrics({ filter, time, groupBy: [{ property: name }], measures: ["requests"], sort: [{ by: "requests", direction: "desc" }], limit: TOP }, { live: true });
  const values = (top.data?.rows ?? []).map((row) => groupOf(row, "property"));
  const among = values.length === 0 ? "all" : anyOf(values.map((value) => propertyIs(name, value)));
  const query = useMetrics({ filter: allOf([filter, among]), time, groupBy: [{ property: name }], overTime: true, measures: ["requests"] }, { live: true, enabled: values.length > 0 });
  const times = query.data ? timesOf(query.data) : [];
  const series = query.data ? valuesByGroup(query.data, times, "requests", "property").slice(0, TOP) : [];
  const rest = (top.data?.total ?? 0) - values.length;
  return (
    <TimeChart
      title={`Requests by ${name}`}
      kind="bars"
      times={times}
      pieceMs={lengthOf(query.data?.increment ?? "day")}
      series={series.map(({ name: value, values: counts }, index) => ({ name: value, values: counts, colour: colourAt(index) }))}
      note={rest > 0 ? `The top ${values.length} values; ${rest.toLocaleString("en-US")} more are in the table.` : undefined}
      isWhole
      isReading={top.isPending || (values.length > 0 && query.isPending)}
      error={top.error ?? query.error}
      onZoom={onZoom}
    />
  );
}
