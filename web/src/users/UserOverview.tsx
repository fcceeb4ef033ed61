import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { firstOf } from "../address/address";
import { useAddress } from "../address/useAddress";
import { PERCENTILES } from "../api/sessions";
import type { FilterNode } from "../api/types";
import { queryUserOverview } from "../api/users";
import { Histogram } from "../charts/Histogram";
import { compact } from "../charts/ticks";
import { formatUsd } from "../format/money";
import { useClient } from "../session/ClientContext";
import { binsOf } from "../sessions/SessionMetrics";
import { INTERQUARTILE, SpreadField } from "../sessions/SpreadField";
import { withinTime } from "../tables/within";
import type { TimeRange } from "../time/range";

/** How users are spread over numbers of calls and costs. */
export function UserOverview({ filter, time }: { filter: FilterNode; time: TimeRange }) {
  const client = useClient();
  const [address] = useAddress();
  const chosen = firstOf(address["up_to"]);
  const upTo = PERCENTILES.find((known) => known === chosen) ?? "p99";
  const query = useQuery({
    queryKey: ["user-overview", filter, time, chosen],
    queryFn: ({ signal }) => queryUserOverview(client, withinTime(filter, time), upTo, chosen === INTERQUARTILE, signal),
    placeholderData: keepPreviousData,
  });
  const frame = { of: "users", isReading: query.isPending, error: query.error };
  return (
    <div className="flex flex-col gap-3" data-testid="user-overview">
      <SpreadField />
      <div className="grid gap-3 md:grid-cols-2">
        <Histogram {...frame} title="Calls of a user" bins={binsOf(query.data?.request_count ?? [])} format={compact} colour={1} />
        <Histogram {...frame} title="Cost of a user" bins={binsOf(query.data?.user_cost ?? [])} format={formatUsd} colour={3} />
      </div>
    </div>
  );
}
