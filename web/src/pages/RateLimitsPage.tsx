import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Icon } from "../components/Icon";
import { QueryState } from "../components/QueryState";
import { ReadOnlyNote } from "../components/ReadOnlyNote";
import { usePageTitle } from "../components/usePageTitle";
import { propertyIs, searchFor } from "../filter/links";
import { CreateRateLimitDialog } from "../limits/CreateRateLimitDialog";
import { HeaderBuilder } from "../limits/HeaderBuilder";
import { RateLimits } from "../limits/RateLimits";
import { mayManage } from "../session/mayManage";
import { useCaller } from "../session/useCaller";

/** The gateway marks each call that a limit refused with this property. */
const REFUSED = searchFor(propertyIs("Helicone-Rate-Limit-Status", "bucket_rate_limited"));

/** The organisation's own limits, and how calls bring theirs. */
export function RateLimitsPage() {
  usePageTitle("Rate limits");
  const caller = useCaller();
  const [isCreating, setIsCreating] = useState(false);
  const manages = caller.data !== undefined && mayManage(caller.data);
  const create = () => setIsCreating(true);
  return (
    <div className="flex max-w-6xl flex-col gap-8">
      <div className="flex flex-col gap-4">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
          <h1 className="text-lg font-semibold tracking-tight">Rate limits</h1>
          <div className="ml-auto flex flex-wrap gap-2">
            <Link to="/requests" search={REFUSED} className="button">
              Refused calls
            </Link>
            {manages && (
              <button type="button" className="button-primary" onClick={create}>
                <Icon name="plus" />
                Add rate limit
              </button>
            )}
          </div>
        </div>
        <QueryState what="Your permissions" query={caller} />
        {caller.data && !manages && <ReadOnlyNote caller={caller.data} what="add and change rate limits" />}
        {caller.data && <RateLimits mayManage={manages} onCreate={create} />}
      </div>
      <HeaderBuilder />
      {isCreating && <CreateRateLimitDialog onClose={() => setIsCreating(false)} />}
    </div>
  );
}
