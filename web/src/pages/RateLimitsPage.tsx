import { useState } from "react";
import { Icon } from "../components/Icon";
import { QueryState } from "../components/QueryState";
import { ReadOnlyNote } from "../components/ReadOnlyNote";
import { usePageTitle } from "../components/usePageTitle";
import { CreateRateLimitDialog } from "../limits/CreateRateLimitDialog";
import { HeaderBuilder } from "../limits/HeaderBuilder";
import { RateLimits } from "../limits/RateLimits";
import { RefusedCalls } from "../limits/RefusedCalls";
import { mayManage } from "../session/mayManage";
import { useCaller } from "../session/useCaller";
import { PageHeader } from "../tables/PageHeader";
import { TimeRangePicker } from "../time/TimeRangePicker";
import { useTimeRange } from "../time/useTimeRange";

/** The organisation's own limits, how calls bring theirs, and which calls were refused. */
export function RateLimitsPage() {
  usePageTitle("Rate limits");
  const caller = useCaller();
  const [time, setTime] = useTimeRange("7d");
  const [isCreating, setIsCreating] = useState(false);
  const manages = caller.data !== undefined && mayManage(caller.data);
  const create = () => setIsCreating(true);
  const zoom = (fromMs: number, toMs: number) => setTime({ from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() });
  return (
    <div className="flex flex-col gap-8">
      <div className="flex flex-col gap-4">
        <PageHeader title="Rate limits">
          <TimeRangePicker value={time} onChange={setTime} />
          {manages && (
            <button type="button" className="button-primary" onClick={create}>
              <Icon name="plus" />
              Add rate limit
            </button>
          )}
        </PageHeader>
        <QueryState what="Your permissions" query={caller} />
        {caller.data && !manages && <ReadOnlyNote caller={caller.data} what="add and change rate limits" />}
        {caller.data && <RateLimits mayManage={manages} onCreate={create} />}
      </div>
      <RefusedCalls time={time} onZoom={zoom} />
      <HeaderBuilder />
      {isCreating && <CreateRateLimitDialog onClose={() => setIsCreating(false)} />}
    </div>
  );
}
