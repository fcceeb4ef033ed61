import { AuditLog } from "../audit/AuditLog";
import { QueryState } from "../components/QueryState";
import { ReadOnlyNote } from "../components/ReadOnlyNote";
import { usePageTitle } from "../components/usePageTitle";
import { mayManage } from "../session/mayManage";
import { useCaller } from "../session/useCaller";

/** Who changed what. */
export function AuditPage() {
  usePageTitle("Audit");
  const caller = useCaller();
  return (
    <div className="flex flex-col gap-4">
      <div>
        <h1 className="text-lg font-semibold tracking-tight">Audit</h1>
        <p className="text-ink-soft">Every change of what your organisation has set up, from keys and members to limits and prices, newest first. Entries are never changed or removed.</p>
      </div>
      <QueryState what="Your permissions" query={caller} />
      {caller.data && (mayManage(caller.data) ? <AuditLog /> : <ReadOnlyNote caller={caller.data} what="see who changed what" />)}
    </div>
  );
}
