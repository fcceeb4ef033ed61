import { useState } from "react";
import type { FilterNode } from "../api/types";
import { columnIs, propertyIs } from "../filter/links";
import { groupOf } from "../metrics/query";
import { useMetrics } from "../metrics/useMetrics";
import type { TimeRange } from "../time/range";
import { countryName } from "./countries";
import { TopList } from "./TopList";

interface TopListsProps {
  filter: FilterNode;
  time: TimeRange;
  live: boolean;
}

const MOST_PROPERTIES = 50;

/** What calls went to, who made them and from where. */
export function TopLists(props: TopListsProps) {
  return (
    <div className="grid gap-3 md:grid-cols-2 xl:grid-cols-3 min-[125rem]:grid-cols-5">
      <TopList {...props} title="Models" group="model" name="model" colour={1} callsOf={(model) => columnIs("model", model)} />
      <TopList {...props} title="Providers" group="provider" name="provider" colour={2} callsOf={(provider) => columnIs("provider", provider)} />
      <TopList {...props} title="Users" group="user" name="user" colour={5} callsOf={(user) => columnIs("user_id", user)} />
      <TopProperties {...props} />
      <TopList {...props} title="Countries" group="country" name="country" colour={6} callsOf={(country) => columnIs("country_code", country)} labelOf={countryName} />
    </div>
  );
}

function TopProperties({ filter, time, live }: TopListsProps) {
  const [chosen, setChosen] = useState<string | null>(null);
  const names = useMetrics({ filter, time, groupBy: ["propertyName"], measures: ["requests"], sort: [{ by: "requests", direction: "desc" }], limit: MOST_PROPERTIES });
  const known = (names.data?.rows ?? []).map((row) => groupOf(row, "propertyName")).filter((name) => !name.toLowerCase().startsWith("helicone-"));
  const key = chosen ?? known[0] ?? null;
  if (key === null) return <TopList filter={filter} time={time} live={live} title="Properties" group="propertyName" name="propertyName" colour={4} callsOf={(name) => columnIs("property_key", name)} />;
  return (
    <TopList
      key={key}
      filter={filter}
      time={time}
      live={live}
      title="Property"
      group={{ property: key }}
      name="property"
      colour={4}
      callsOf={(value) => propertyIs(key, value)}
      actions={
        <select className="h-6 max-w-32 rounded-md bg-transparent text-xs font-medium text-ink hover:text-accent" aria-label="Property" value={key} onChange={(event) => setChosen(event.target.value)}>
          {[...new Set([key, ...known])].map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      }
    />
  );
}
