import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { getCacheStats } from "../api/requests";
import type { ApiClient } from "../api/client";
import { QueryState } from "../components/QueryState";
import { unknown } from "../format/unknown";
import { useClient } from "../session/ClientContext";
import { Tiles } from "../tables/Tiles";
import { isOpenEnded, resolveTimeRange, type TimeRange } from "../time/range";
import { cacheFigures } from "./figures";

const READ_EVERY_MS = 5000;
const NAMES = ["Hits", "Misses", "Hit rate", "Cost saved", "Time saved", "Tokens in saved", "Tokens out saved"];
const UNREAD = NAMES.map((name) => ({ name, figure: unknown("it is being read") }));

interface CacheFiguresProps {
  time: TimeRange;
}

/** What the cache did and saved, in figures. */
export function CacheFigures({ time }: CacheFiguresProps) {
  const client = useClient();
  const query = useQuery({
    queryKey: ["cache-stats", time],
    queryFn: ({ signal }) => readStats(client, time, signal),
    refetchInterval: READ_EVERY_MS,
    placeholderData: keepPreviousData,
  });
  if (query.error && query.data === undefined) return <QueryState what="The figures" query={query} />;
  return <Tiles tiles={query.data ? cacheFigures(query.data) : UNREAD} isReading={query.data === undefined} testId="cache-figures" />;
}

function readStats(client: ApiClient, time: TimeRange, signal: AbortSignal) {
  const { startMs, endMs } = resolveTimeRange(time, Date.now());
  const iso = (ms: number) => new Date(ms).toISOString();
  return getCacheStats(client, startMs === null ? null : iso(startMs), isOpenEnded(time) ? null : iso(endMs), signal);
}
