import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { getMapper } from "../api/mappers";
import { Badge } from "../components/Badge";
import { Icon } from "../components/Icon";
import { Instant } from "../components/Instant";
import { QueryState } from "../components/QueryState";
import { ReadOnlyNote } from "../components/ReadOnlyNote";
import { usePageTitle } from "../components/usePageTitle";
import { MapperActions } from "../mappers/MapperActions";
import { ReviewForm } from "../mappers/ReviewForm";
import { statusOfMapping } from "../mappers/status";
import { Versions } from "../mappers/Versions";
import { BreakableUrl } from "../request/BreakableUrl";
import { useClient } from "../session/ClientContext";
import { mayManage } from "../session/mayManage";
import { useCaller } from "../session/useCaller";

const route = getRouteApi("/mappers/$mapperId");
const LOOK_EVERY_MS = 3000;

/** One API that no reader knows: what was found in its calls, and what is decided about that. */
export function MapperPage() {
  const { mapperId } = route.useParams();
  usePageTitle("Mapper");
  const client = useClient();
  const caller = useCaller();
  const query = useQuery({
    queryKey: ["mapper", mapperId],
    queryFn: ({ signal }) => getMapper(client, mapperId, signal),
    refetchInterval: ({ state }) => (state.error ? false : LOOK_EVERY_MS),
  });
  const manages = caller.data !== undefined && mayManage(caller.data);
  const detail = query.data;
  return (
    <div className="flex max-w-6xl flex-col gap-8">
      <div className="flex flex-col gap-3">
        <Link to="/mappers" className="-ml-1 inline-flex w-fit items-center gap-1 text-xs text-ink-soft hover:text-ink">
          <Icon name="back" />
          Mappers
        </Link>
        <QueryState what="The mapper" query={query} />
        {detail && <Heading detail={detail} />}
        {caller.data && !manages && <ReadOnlyNote caller={caller.data} what="decide about mappers" />}
        {detail && manages && <MapperActions mapper={detail.mapper} newest={detail.versions.at(-1)?.version ?? null} />}
      </div>
      {detail && detail.versions.length === 0 && <TooFew />}
      {detail && detail.fields.length > 0 && (
        <ReviewForm key={`${detail.versions.length} ${detail.mapper.active_version}`} detail={detail} version={detail.versions.at(-1)?.version ?? 1} mayManage={manages} />
      )}
      {detail && detail.versions.length > 0 && <Versions detail={detail} mayManage={manages} />}
    </div>
  );
}

function Heading({ detail: { mapper } }: { detail: Awaited<ReturnType<typeof getMapper>> }) {
  const { tone, text, meaning } = statusOfMapping(mapper.status);
  return (
    <div className="flex flex-col gap-1">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h1 className="text-lg font-semibold tracking-tight wrap-anywhere">
          <BreakableUrl url={mapper.host} />
        </h1>
        <Badge tone={tone}>{text}</Badge>
      </div>
      <p className="font-mono text-[0.8125rem] text-ink-soft wrap-anywhere">
        {mapper.method} <BreakableUrl url={mapper.path} />
      </p>
      <p className="max-w-3xl text-ink-soft">
        {meaning} {mapper.active_version === null ? "No version is in force." : `Version ${mapper.active_version} is in force.`}
      </p>
      <p className="text-xs text-ink-soft">
        {mapper.inferred_at === null ? (
          "Not inferred yet"
        ) : (
          <>
            Inferred <Instant iso={mapper.inferred_at} /> of {mapper.sample_count} samples
          </>
        )}
        , first seen <Instant iso={mapper.created_at} />
      </p>
    </div>
  );
}

function TooFew() {
  return (
    <div className="panel flex flex-col gap-2 px-4 py-6 sm:px-8">
      <h2 className="text-base font-semibold">Model is pending mapping</h2>
      <p className="max-w-3xl text-ink-soft">
        A mapping is inferred at the fifth call that went well. Until then these calls are logged with their bodies, without tokens and cost; once a mapping is in force, they are read by it too.
      </p>
    </div>
  );
}
