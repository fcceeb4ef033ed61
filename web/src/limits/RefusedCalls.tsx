import { Link } from "@tanstack/react-router";
import { firstOf, type Address } from "../address/address";
import { useAddress } from "../address/useAddress";
import { TimeChart } from "../charts/TimeChart";
import { Instant } from "../components/Instant";
import { QueryState } from "../components/QueryState";
import { Section } from "../components/Section";
import { propertyIs, searchFor, searchWithin } from "../filter/links";
import { on } from "../filter/node";
import { useKeyNames } from "../keys/useKeyNames";
import { figureOf, groupOf, type GroupBy, type MetricsRow } from "../metrics/query";
import { timesOf, valuesOf } from "../metrics/series";
import { useMetrics } from "../metrics/useMetrics";
import { useProperties } from "../properties/useProperties";
import { DataTable, type Column } from "../tables/DataTable";
import { formatShare, instantOf } from "../tables/figures";
import { Pages } from "../tables/Pages";
import { readPage } from "../tables/sorting";
import { lengthOf } from "../time/increments";
import type { TimeRange } from "../time/range";
import { describePolicy, readPolicy } from "./policy";

/** Calls that a limit refused. */
export const REFUSED = on({ rate_limited: { equals: true } });

const PAGE_SIZE = 20;
const PROPERTY = "property:";

const GROUPS = [
  { value: "rateLimitPolicy", text: "Policy" },
  { value: "user", text: "User" },
  { value: "model", text: "Model" },
  { value: "key", text: "API key" },
] as const;
type Group = (typeof GROUPS)[number]["value"];

const COLUMN_OF: Record<Group, string> = { rateLimitPolicy: "rate_limit_policy", user: "user_id", model: "model", key: "key_id" };

interface RefusedCallsProps {
  time: TimeRange;
  onZoom: (fromMs: number, toMs: number) => void;
}

/** How many calls limits refused, when, and whose. */
export function RefusedCalls({ time, onZoom }: RefusedCallsProps) {
  const query = useMetrics({ filter: REFUSED, time, overTime: true, measures: ["requests"] }, { live: true });
  const times = query.data ? timesOf(query.data) : [];
  const values = query.data ? valuesOf(query.data, times, "requests") : [];
  const sum = values.reduce<number>((all, value) => all + (value ?? 0), 0);
  return (
    <Section
      title="Refused calls"
      lead="Calls that a limit of these rules, of a proxy key or of their own header refused with 429."
      action={
        <Link to="/requests" search={searchFor(REFUSED, time)} className="button">
          Show in Requests
        </Link>
      }
    >
      <TimeChart
        title="Refused by limits"
        summary={query.data && `${sum.toLocaleString("en-US")} in all`}
        kind="bars"
        times={times}
        pieceMs={lengthOf(query.data?.increment ?? "day")}
        series={[{ name: "refused", values, colour: "warn" }]}
        isWhole
        isReading={query.isPending}
        error={query.error}
        onZoom={onZoom}
        height={150}
      />
      {sum > 0 && <RefusedBy time={time} />}
    </Section>
  );
}

interface RefusedRow {
  name: string;
  text: string;
  search: Address;
  row: MetricsRow;
  share: number;
}

type Name = "name" | "requests" | "share" | "last";

const COLUMNS: readonly Column<RefusedRow, Name>[] = [
  { name: "name", heading: "Policy", cell: ({ text, name, search }) => <RefusedName text={text} name={name} search={search} /> },
  { name: "requests", heading: "Refused", isFigure: true, cell: ({ row }) => figureOf(row, "requests")?.toLocaleString("en-US") },
  { name: "share", heading: "Share", isFigure: true, from: "sm", cell: ({ share }) => formatShare(share) },
  { name: "last", heading: "Last", cell: ({ row }) => <Last row={row} /> },
];

/** Refused calls by policy, user, model, key, or the value of a property. */
function RefusedBy({ time }: { time: TimeRange }) {
  const [address, change] = useAddress();
  const properties = useProperties();
  const chosen = firstOf(address["by"]) ?? "rateLimitPolicy";
  const property = chosen.startsWith(PROPERTY) ? chosen.slice(PROPERTY.length) : null;
  const group = GROUPS.find(({ value }) => value === chosen)?.value ?? "rateLimitPolicy";
  const groupBy: GroupBy = property === null ? group : { property };
  const keyNames = useKeyNames(property === null && group === "key");
  const page = readPage(address);
  const total = useMetrics({ filter: REFUSED, time, measures: ["requests"] }, { live: true });
  const query = useMetrics({ filter: REFUSED, time, groupBy: [groupBy], measures: ["requests", "last"], sort: [{ by: "requests", direction: "desc" }], offset: (page - 1) * PAGE_SIZE, limit: PAGE_SIZE }, { live: true });
  const all = figureOf(total.data?.rows[0], "requests") ?? 0;
  const rows = (query.data?.rows ?? []).map((row): RefusedRow => {
    const name = groupOf(row, property === null ? group : "property");
    const narrower = property === null ? on({ [COLUMN_OF[group]]: { equals: name } }) : propertyIs(property, name);
    return { name, text: property === null ? textOf(group, name, keyNames) : name, search: searchWithin(REFUSED, narrower, time), row, share: all === 0 ? 0 : (figureOf(row, "requests") ?? 0) / all };
  });
  const heading = property ?? GROUPS.find((option) => option.value === group)?.text ?? "";
  const columns = COLUMNS.map((column) => (column.name === "name" ? { ...column, heading } : column));
  const value = property === null ? group : `${PROPERTY}${property}`;
  return (
    <div className="flex flex-col gap-3">
      <label className="flex flex-wrap items-center gap-2 text-[0.8125rem] text-ink-soft">
        By
        <select className="control max-w-60" value={value} onChange={(event) => change({ by: event.target.value, page: undefined }, { replace: true })}>
          {GROUPS.map((option) => (
            <option key={option.value} value={option.value}>
              {option.text}
            </option>
          ))}
          {property !== null && !properties.includes(property) && <option value={value}>{property}</option>}
          {properties.map((name) => (
            <option key={name} value={`${PROPERTY}${name}`}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <QueryState what="The calls" query={{ isPending: false, error: query.error, refetch: query.refetch }} />
      {query.data && rows.length === 0 && <p className="panel px-4 py-3 text-ink-soft">None of the refused calls says so.</p>}
      {rows.length > 0 && <DataTable<RefusedRow, Name> caption="Refused calls by what they have in common" columns={columns} rows={rows} keyOf={({ name }) => name} isStale={query.isPlaceholderData} testId="refused" />}
      {query.data && <Pages page={page} size={PAGE_SIZE} shown={rows.length} total={query.data.total} onChange={(next) => change({ page: next > 1 ? String(next) : undefined })} />}
    </div>
  );
}

function textOf(group: Group, name: string, keyNames: ReadonlyMap<string, string>): string {
  if (group === "rateLimitPolicy") return policyName(name);
  return group === "key" ? (keyNames.get(name) ?? name) : name;
}

function policyName(policy: string): string {
  const read = readPolicy(policy);
  return read ? describePolicy(read) : policy;
}

function RefusedName({ text, name, search }: Pick<RefusedRow, "text" | "name" | "search">) {
  return (
    <span className="flex min-w-0 flex-col">
      <Link to="/requests" search={search} className="font-medium text-accent wrap-anywhere hover:underline">
        {text}
      </Link>
      {text !== name && <span className="font-mono text-xs text-ink-faint wrap-anywhere">{name}</span>}
    </span>
  );
}

function Last({ row }: { row: MetricsRow }) {
  const iso = instantOf(row, "last");
  return iso === null ? null : <Instant iso={iso} />;
}
