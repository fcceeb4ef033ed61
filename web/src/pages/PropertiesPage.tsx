import { useQuery } from "@tanstack/react-query";
import { firstOf } from "../address/address";
import { useAddress } from "../address/useAddress";
import { listProperties } from "../api/properties";
import { QueryState } from "../components/QueryState";
import { usePageTitle } from "../components/usePageTitle";
import { useFilter } from "../filter/useFilter";
import { HideButton, PropertyKeys } from "../properties/PropertyKeys";
import { PropertyValues } from "../properties/PropertyValues";
import { useClient } from "../session/ClientContext";
import { mayManage } from "../session/mayManage";
import { useCaller } from "../session/useCaller";
import { PageFilter } from "../tables/PageFilter";
import { PageHeader } from "../tables/PageHeader";
import { SearchField } from "../tables/SearchField";
import { TableSkeleton } from "../tables/TableSkeleton";
import { Teach } from "../tables/Teach";
import { TimeRangePicker } from "../time/TimeRangePicker";
import { useTimeRange } from "../time/useTimeRange";

const READ_EVERY_MS = 10_000;

/** The properties of calls, and what the calls with each value come to. */
export function PropertiesPage() {
  usePageTitle("Properties");
  const client = useClient();
  const caller = useCaller();
  const [address, change] = useAddress();
  const [time, setTime] = useTimeRange("30d");
  const [filter] = useFilter();
  const query = useQuery({ queryKey: ["properties", "names"], queryFn: ({ signal }) => listProperties(client, signal), refetchInterval: READ_EVERY_MS });
  const names = ownFirst(query.data ?? []);
  const chosen = firstOf(address["key"]) ?? names[0] ?? null;
  const search = firstOf(address["q"]) ?? "";
  const mayWrite = caller.data !== undefined && mayManage(caller.data);
  const choose = (key: string | undefined) => change({ key, q: undefined, page: undefined, sort: undefined });
  const zoom = (fromMs: number, toMs: number) => setTime({ from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() });
  return (
    <div className="flex flex-col gap-3">
      <PageHeader title="Properties" note={query.data && `${names.length.toLocaleString("en-US")} in all`}>
        <TimeRangePicker value={time} onChange={setTime} />
      </PageHeader>
      <PageFilter />
      {query.error && <QueryState what="The properties" query={query} />}
      {query.isPending && !query.error && <TableSkeleton what="The properties" />}
      {query.data && names.length === 0 && (
        <Teach title="No properties yet" headers={["Helicone-Property-Environment: staging", "Helicone-Property-Feature: search"]} label="first call with properties">
          A property is a name and a value that a call brings in a header. Everything can then be counted, filtered and broken down by it: environments, features, customers, versions.
        </Teach>
      )}
      {names.length > 0 && (
        <div className="grid items-start gap-3 lg:grid-cols-[15rem_minmax(0,1fr)] 2xl:grid-cols-[18rem_minmax(0,1fr)]">
          <PropertyKeys names={names} chosen={chosen} mayWrite={mayWrite} onChoose={choose} />
          {chosen !== null && (
            <section className="flex min-w-0 flex-col gap-3" aria-label={chosen}>
              <div className="flex flex-wrap items-center gap-2">
                <h2 className="text-base font-semibold tracking-tight wrap-anywhere">{chosen}</h2>
                <div className="flex flex-wrap items-center gap-2 sm:ml-auto">
                  <SearchField key={chosen} label="Search values" value={search} onChange={(q) => change({ q: q || undefined, page: undefined }, { replace: true })} />
                  {mayWrite && names.includes(chosen) && <HideButton name={chosen} onHidden={() => choose(undefined)} />}
                </div>
              </div>
              <PropertyValues key={chosen} name={chosen} search={search} filter={filter} time={time} onZoom={zoom} />
            </section>
          )}
        </div>
      )}
    </div>
  );
}

/** Puts the names that the application itself chose before those of the gateway. */
function ownFirst(names: readonly string[]): string[] {
  const isOurs = (name: string) => name.toLowerCase().startsWith("helicone-");
  return [...names.filter((name) => !isOurs(name)), ...names.filter(isOurs)];
}
