import { useNavigate } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import { Icon } from "../components/Icon";
import { Segmented } from "../components/Segmented";
import { formatAddress } from "../address/address";
import { addressOf, CACHE_STATES, countFilters, parseSearch, STATUS_CLASSES, type RequestSearch } from "../filter/search";
import { firstPage } from "./paging";
import { PropertyFilters } from "./PropertyFilters";
import { TextFilter } from "./TextFilter";
import { TimeFilter } from "./TimeFilter";

const STATUS_OPTIONS = [
  { value: "any", text: "All" },
  { value: "success", text: "Success" },
  { value: "errors", text: "Errors" },
] as const;

type TextField = "model" | "provider" | "user" | "request";

interface FilterBarProps {
  search: RequestSearch;
}

/** The filters of the list. Each change goes to the address bar and back to the first page. */
export function FilterBar({ search }: FilterBarProps) {
  const [open, setOpen] = useState(false);
  const apply = useApply();
  const active = countFilters(search);
  return (
    <search aria-label="Filter requests">
      <button type="button" className="button sm:hidden" aria-expanded={open} aria-controls="filters" onClick={() => setOpen(!open)}>
        <Icon name="filter" />
        Filters{active > 0 && ` (${active})`}
      </button>
      <div id="filters" className={`flex-wrap items-center gap-2 sm:flex ${open ? "mt-2 flex" : "hidden"}`}>
        <Segmented
          label="Status"
          options={STATUS_OPTIONS}
          value={search.status ?? "any"}
          onChange={(value) => apply({ status: STATUS_CLASSES.find((known) => known === value) })}
        />
        <TimeFilter value={search} onChange={({ range, from, to }) => apply({ range, from, to })} />
        <select
          className="control"
          aria-label="Cache"
          value={search.cache ?? "any"}
          onChange={(event) => apply({ cache: CACHE_STATES.find((known) => known === event.target.value) })}
        >
          <option value="any">Cached or not</option>
          <option value="hit">Cache hits</option>
          <option value="miss">Cache misses</option>
        </select>
        <FieldFilter field="model" label="Model" search={search} />
        <FieldFilter field="provider" label="Provider" search={search} />
        <FieldFilter field="user" label="User" search={search} />
        <FieldFilter field="request" label="Request id" search={search} className="w-40" />
        <PropertyFilters value={search.properties ?? []} onChange={(properties) => apply({ properties })} />
        {active > 0 && (
          <button type="button" className="button-quiet" onClick={() => apply(NO_FILTERS)}>
            Clear all
          </button>
        )}
      </div>
    </search>
  );
}

interface FieldFilterProps {
  field: TextField;
  label: string;
  search: RequestSearch;
  className?: string;
}

function FieldFilter({ field, label, search, className = "w-32" }: FieldFilterProps) {
  const apply = useApply();
  const change = useCallback((value: string | undefined) => apply({ [field]: value }), [apply, field]);
  return <TextFilter label={label} value={search[field]} className={className} onChange={change} />;
}

/** A change of some filters; undefined takes a filter off. */
type FilterChange = { [Field in keyof RequestSearch]: RequestSearch[Field] | undefined };

const NO_FILTERS: FilterChange = {
  status: undefined,
  cache: undefined,
  model: undefined,
  provider: undefined,
  user: undefined,
  request: undefined,
  properties: undefined,
  range: undefined,
  from: undefined,
  to: undefined,
};

function useApply(): (change: FilterChange) => void {
  const navigate = useNavigate();
  return useCallback(
    (change) => {
      const next = (previous: RequestSearch) => firstPage({ ...previous, ...change } as RequestSearch);
      void navigate({ to: "/requests", search: (previous) => addressOf(next(parseSearch(formatAddress(previous)))), replace: true });
    },
    [navigate],
  );
}
