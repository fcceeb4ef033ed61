import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { listRateLimits } from "../api/rateLimits";
import type { RateLimit } from "../api/types";
import { QueryState } from "../components/QueryState";
import { useKeyNames } from "../keys/useKeyNames";
import { useClient } from "../session/ClientContext";
import { RateLimitTable } from "./RateLimitTable";
import { RemoveRateLimitDialog } from "./RemoveRateLimitDialog";

interface RateLimitsProps {
  mayManage: boolean;
  onCreate: () => void;
}

/** The organisation's rules, and what can be done with each. */
export function RateLimits({ mayManage, onCreate }: RateLimitsProps) {
  const client = useClient();
  const [removed, setRemoved] = useState<RateLimit | null>(null);
  const query = useQuery({ queryKey: ["rate-limits"], queryFn: ({ signal }) => listRateLimits(client, signal) });
  const keyNames = useKeyNames();
  if (query.data === undefined) return <QueryState what="The rate limits" query={query} />;
  if (query.data.length === 0) return <FirstRule onCreate={mayManage ? onCreate : undefined} />;
  return (
    <>
      <QueryState what="The rate limits" query={query} />
      <RateLimitTable rules={query.data} keyNames={keyNames} mayManage={mayManage} onRemove={setRemoved} />
      {removed && <RemoveRateLimitDialog rule={removed} onClose={() => setRemoved(null)} />}
    </>
  );
}

function FirstRule({ onCreate }: { onCreate: (() => void) | undefined }) {
  return (
    <div className="panel flex flex-col items-start gap-3 px-4 py-6 sm:px-8">
      <h2 className="text-base font-semibold">No rate limits yet</h2>
      <p className="max-w-3xl text-ink-soft">
        A rule holds for every call of the organisation or of one key, whatever the call's headers say: so many calls, tokens or dollars in a time, all together or for each user. What is beyond it
        is refused with 429 and told when to come again.
      </p>
      {onCreate && (
        <button type="button" className="button" onClick={onCreate}>
          Add the first rate limit
        </button>
      )}
    </div>
  );
}
