import { useInfiniteQuery } from "@tanstack/react-query";
import { listAudit } from "../api/control";
import { BusyButton } from "../components/BusyButton";
import { QueryState } from "../components/QueryState";
import { useClient } from "../session/ClientContext";
import { AuditTable } from "./AuditTable";

const PAGE_SIZE = 50;

/** The changes, newest first, and a way to the older ones. */
export function AuditLog() {
  const client = useClient();
  const query = useInfiniteQuery({
    queryKey: ["audit"],
    queryFn: ({ pageParam, signal }) => listAudit(client, PAGE_SIZE, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => (page.length < PAGE_SIZE ? null : page.at(-1)?.id),
  });
  const entries = query.data?.pages.flat() ?? [];
  return (
    <>
      {query.data && entries.length === 0 && <p className="panel px-4 py-10 text-center text-ink-soft">Nothing was changed yet. Making a key, adding a domain or a host rule leaves an entry here.</p>}
      {entries.length > 0 && <AuditTable entries={entries} />}
      <QueryState what={query.data ? "Older changes" : "The changes"} query={query} />
      <p role="status" className="sr-only">
        {query.data && query.data.pages.length > 1 && !query.isFetchingNextPage && `${entries.length} changes are shown`}
      </p>
      {query.hasNextPage && (
        <BusyButton className="button self-center" isBusy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {query.isFetchingNextPage ? "Loading…" : "Load more"}
        </BusyButton>
      )}
    </>
  );
}
