import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { firstOf } from "../address/address";
import { useAddress } from "../address/useAddress";
import { countRequests, queryRequests } from "../api/requests";
import type { FilterNode, HeliconeRequest } from "../api/types";
import { Icon } from "../components/Icon";
import { QueryState } from "../components/QueryState";
import { Section } from "../components/Section";
import { Segmented } from "../components/Segmented";
import { searchWithin } from "../filter/links";
import { allOf } from "../filter/node";
import { useClient } from "../session/ClientContext";
import { CallTable } from "../tables/CallTable";
import { Pages } from "../tables/Pages";
import { readPage } from "../tables/sorting";
import { TableSkeleton } from "../tables/TableSkeleton";
import { withinTime } from "../tables/within";
import type { TimeRange } from "../time/range";
import { ratedAs, SCORED } from "./Ratings";
import { formatScore, RATING, scoresOfCall } from "./scores";

const PAGE_SIZE = 25;
const READ_EVERY_MS = 5000;

const KINDS = [
  { value: "all", text: "All" },
  { value: "good", text: "Good" },
  { value: "bad", text: "Bad" },
] as const;

const SAID = { heading: "Said", cell: (call: HeliconeRequest) => <Said call={call} /> };

interface RatedCallsProps {
  filter: FilterNode;
  time: TimeRange;
}

/** The calls that somebody said something about. */
export function RatedCalls({ filter, time }: RatedCallsProps) {
  const client = useClient();
  const [address, change] = useAddress();
  const kind = KINDS.find(({ value }) => value === firstOf(address["rated"]))?.value ?? "all";
  const page = readPage(address);
  const wanted = kind === "all" ? SCORED : ratedAs(kind === "good");
  const within = allOf([filter, wanted]);
  const reading = { refetchInterval: READ_EVERY_MS, placeholderData: keepPreviousData };
  const rows = useQuery({
    ...reading,
    queryKey: ["rated-calls", within, time, page],
    queryFn: ({ signal }) => queryRequests(client, { filter: withinTime(within, time), offset: (page - 1) * PAGE_SIZE, limit: PAGE_SIZE, sort: { created_at: "desc" } }, signal),
  });
  const total = useQuery({ ...reading, queryKey: ["rated-count", within, time], queryFn: ({ signal }) => countRequests(client, withinTime(within, time), signal) });
  return (
    <Section
      title="Rated calls"
      lead="Each leads to the call, where its rating and its scores can be changed."
      action={
        <div className="flex flex-wrap gap-2">
          <Segmented label="Which calls" options={KINDS} value={kind} onChange={(next) => change({ rated: next === "all" ? undefined : next, page: undefined }, { replace: true })} />
          <Link to="/requests" search={searchWithin(filter, wanted, time)} className="button">
            Show in Requests
          </Link>
        </div>
      }
    >
      {rows.error && <QueryState what="The calls" query={rows} />}
      {rows.isPending && !rows.error && <TableSkeleton what="The calls" rows={5} />}
      {rows.data?.length === 0 && <p className="panel px-4 py-3 text-ink-soft">Nobody said {kind === "all" ? "anything" : `that a call was ${kind}`} in this range of time. Open a request and press a thumb.</p>}
      {rows.data && rows.data.length > 0 && (
        <CallTable caption="Rated calls, newest first" rows={rows.data} more={SAID} isStale={rows.isPlaceholderData} />
      )}
      {rows.data && <Pages page={page} size={PAGE_SIZE} shown={rows.data.length} total={total.data ?? null} onChange={(next) => change({ page: next > 1 ? String(next) : undefined })} />}
    </Section>
  );
}

/** What was said about a call. */
function Said({ call }: { call: HeliconeRequest }) {
  const rating = (call.scores as Record<string, unknown>)[RATING];
  return (
    <span className="flex flex-wrap items-center gap-1.5">
      {typeof rating === "number" && (
        <span className={rating === 1 ? "text-good" : "text-bad"}>
          <Icon name={rating === 1 ? "thumb" : "thumbDown"} />
          <span className="sr-only">{rating === 1 ? "good" : "bad"}</span>
        </span>
      )}
      {scoresOfCall(call).map(({ name, value, isBoolean }) => (
        <span key={name} className="max-w-40 truncate rounded bg-raised px-1.5 text-xs leading-5" title={name}>
          <span className="text-ink-soft">{name} </span>
          <span className="tabular-nums">{isBoolean ? (value === 1 ? "yes" : "no") : formatScore(value)}</span>
        </span>
      ))}
    </span>
  );
}
