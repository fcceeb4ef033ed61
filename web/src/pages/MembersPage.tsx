import { QueryState } from "../components/QueryState";
import { ReadOnlyNote } from "../components/ReadOnlyNote";
import { usePageTitle } from "../components/usePageTitle";
import { Invitations } from "../members/Invitations";
import { MemberList } from "../members/MemberList";
import { mayManage } from "../session/mayManage";
import { useCaller } from "../session/useCaller";

/** Who belongs to the organisation, and who is invited. */
export function MembersPage() {
  usePageTitle("Members");
  const caller = useCaller();
  return (
    <div className="flex flex-col gap-8">
      <div>
        <h1 className="text-lg font-semibold tracking-tight">Members</h1>
        <p className="max-w-3xl text-ink-soft">
          Viewers read what was logged. Members also give feedback and save what they work with. Admins manage keys, domains, rules, the vault and webhooks. Owners also manage who belongs to the organisation.
        </p>
      </div>
      <QueryState what="Your permissions" query={caller} />
      {caller.data && !mayManage(caller.data) && <ReadOnlyNote caller={caller.data} what="see who belongs to the organisation" />}
      {caller.data && mayManage(caller.data) && (
        <>
          <MemberList owns={caller.data.owns} ownId={caller.data.user?.id ?? null} />
          <Invitations owns={caller.data.owns} />
        </>
      )}
    </div>
  );
}
