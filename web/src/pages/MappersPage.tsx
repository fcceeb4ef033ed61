import { useQuery } from "@tanstack/react-query";
import { listMappers } from "../api/mappers";
import { QueryState } from "../components/QueryState";
import { usePageTitle } from "../components/usePageTitle";
import { MapperTable } from "../mappers/MapperTable";
import { useClient } from "../session/ClientContext";

const LOOK_EVERY_MS = 5000;

/** The APIs that no reader knows, and how their calls are read. */
export function MappersPage() {
  usePageTitle("Mappers");
  const client = useClient();
  const query = useQuery({ queryKey: ["mappers"], queryFn: ({ signal }) => listMappers(client, signal), refetchInterval: LOOK_EVERY_MS });
  return (
    <div className="flex max-w-6xl flex-col gap-4">
      <div className="flex flex-col gap-1">
        <h1 className="text-lg font-semibold tracking-tight">Mappers</h1>
        <p className="max-w-3xl text-ink-soft">How calls are read of APIs that nobody wrote a reader for. Each mapping is inferred of your own calls, here, by rules and not by a model.</p>
      </div>
      <QueryState what="The mappers" query={query} />
      {query.data?.length === 0 && <NoMappers />}
      {query.data && query.data.length > 0 && <MapperTable mappers={query.data} />}
    </div>
  );
}

function NoMappers() {
  return (
    <div className="panel flex flex-col gap-2 px-4 py-6 sm:px-8">
      <h2 className="text-base font-semibold">No mappers, and none needed</h2>
      <p className="max-w-3xl text-ink-soft">
        Every call so far was of an API that Gatehouse reads by itself. The first call of another one that is asked and answers in JSON makes a mapper: its calls are marked as pending mapping, and after five of them you see here
        where their text and token counts stand, and approve what is not sure.
      </p>
    </div>
  );
}
