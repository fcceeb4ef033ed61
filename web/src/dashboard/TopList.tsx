import { useState, type ReactNode } from "react";
import type { FilterNode } from "../api/types";
import { BarList, type BarRow } from "../charts/BarList";
import type { ChartColour } from "../charts/colours";
import { searchWithin } from "../filter/links";
import { formatUsd } from "../format/money";
import { figureOf, groupOf, type GroupBy, type MetricsRow, type NamedGroup } from "../metrics/query";
import { useMetrics } from "../metrics/useMetrics";
import type { TimeRange } from "../time/range";

interface TopListProps {
  title: string;
  group: GroupBy;
  /** What the rows' group is called in the answer. */
  name: NamedGroup | "property";
  filter: FilterNode;
  time: TimeRange;
  live: boolean;
  colour: ChartColour;
  /** Calls that belong to a value. */
  callsOf: (value: string) => FilterNode;
  /** What a value is called; itself unless said otherwise. */
  labelOf?: (value: string) => string;
  actions?: ReactNode;
}

const SHOWN = 7;
const MEASURES = ["requests", "cost", "total_tokens"] as const;
type Shown = (typeof MEASURES)[number];
const TEXTS: Record<Shown, string> = { requests: "Requests", cost: "Cost", total_tokens: "Tokens" };

/** What most calls, most money or most tokens went to. */
export function TopList({ title, group, name, filter, time, live, colour, callsOf, labelOf = (value) => value, actions }: TopListProps) {
  const [measure, setMeasure] = useState<Shown>("requests");
  const query = useMetrics({ filter, time, groupBy: [group], measures: [...MEASURES], sort: [{ by: measure, direction: "desc" }], limit: SHOWN }, { live });
  const rows = (query.data?.rows ?? []).map((row) => barOf(row, groupOf(row, name), measure));
  const left = (query.data?.total ?? 0) - rows.length;
  return (
    <BarList
      title={title}
      measure={TEXTS[measure]}
      colour={colour}
      isReading={query.isPending}
      error={query.error}
      height={SHOWN * 28}
      rows={rows.map((row) => ({ ...row, label: row.key === "" ? "Not named" : labelOf(row.key), ...(row.key !== "" && { search: searchWithin(filter, callsOf(row.key), time) }) }))}
      summary={left > 0 ? <span className="text-xs text-ink-faint">and {left.toLocaleString("en-US")} more</span> : undefined}
      actions={
        <>
          {actions}
          <select className="h-6 rounded-md bg-transparent text-xs text-ink-soft hover:text-ink" aria-label={`${title} by`} value={measure} onChange={(event) => setMeasure(MEASURES.find((known) => known === event.target.value) ?? "requests")}>
            {MEASURES.map((known) => (
              <option key={known} value={known}>
                by {TEXTS[known].toLowerCase()}
              </option>
            ))}
          </select>
        </>
      }
    />
  );
}

function barOf(row: MetricsRow, key: string, measure: Shown): BarRow {
  const value = figureOf(row, measure);
  const texts = MEASURES.map((known) => `${TEXTS[known]}: ${textOf(known, figureOf(row, known))}`);
  return { key, label: key, value, text: textOf(measure, value), hint: texts.join("\n") };
}

function textOf(measure: Shown, value: number | null): string {
  if (value === null) return "not known";
  return measure === "cost" ? formatUsd(value) : value.toLocaleString("en-US");
}
