import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useChange } from "../announce/useChange";
import { changeMember, listMembers, removeMember } from "../api/account";
import type { Member, Role } from "../api/types";
import { ConfirmDialog } from "../components/ConfirmDialog";
import { Instant } from "../components/Instant";
import { ProblemNotice } from "../components/ProblemNotice";
import { QueryState } from "../components/QueryState";
import { useClient } from "../session/ClientContext";
import { ROLES, describeRole } from "./roles";

interface MemberListProps {
  /** Whether the caller may change who belongs. */
  owns: boolean;
  /** The caller, where it is a person. */
  ownId: string | null;
}

/** Who belongs to the organisation. */
export function MemberList({ owns, ownId }: MemberListProps) {
  const client = useClient();
  const [removed, setRemoved] = useState<Member | null>(null);
  const query = useQuery({ queryKey: ["members"], queryFn: ({ signal }) => listMembers(client, signal) });
  const change = useChange({
    make: (anyClient, { id, role }: { id: string; role: Role; name: string }) => changeMember(anyClient, id, role),
    told: (_, { name, role }) => `${name} is ${describeRole(role).toLowerCase()} now.`,
    changes: ["members", "organization"],
  });
  return (
    <section aria-label="Members" className="flex flex-col gap-3">
      <QueryState what="The members" query={query} />
      <ProblemNotice error={change.error} />
      {query.data?.length === 0 && <p className="text-ink-soft">Nobody has an account yet. Invite somebody, or open the link that the server's start prints.</p>}
      {query.data && query.data.length > 0 && (
        <ul className="panel divide-y divide-line">
          {query.data.map((member) => (
            <li key={member.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-2.5">
              <div className="min-w-0 flex-1 basis-56">
                <p className="font-medium wrap-anywhere">
                  {member.name}
                  {member.id === ownId && <span className="ml-2 rounded bg-accent-wash px-1.5 py-0.5 text-xs text-accent">You</span>}
                </p>
                <p className="text-xs wrap-anywhere text-ink-soft">
                  {member.email}
                  {member.last_seen_at !== null && (
                    <>
                      , last seen <Instant iso={member.last_seen_at} />
                    </>
                  )}
                </p>
              </div>
              {owns ? (
                <>
                  <select
                    aria-label={`Role of ${member.name}`}
                    className="control h-9"
                    value={member.role}
                    disabled={change.isPending}
                    onChange={(event) => change.mutate({ id: member.id, role: event.target.value as Role, name: member.name })}
                  >
                    {ROLES.map(({ value, text }) => (
                      <option key={value} value={value}>
                        {text}
                      </option>
                    ))}
                  </select>
                  <button type="button" className="button" aria-label={`Remove ${member.name}`} onClick={() => setRemoved(member)}>
                    Remove
                  </button>
                </>
              ) : (
                <span className="text-ink-soft">{describeRole(member.role)}</span>
              )}
            </li>
          ))}
        </ul>
      )}
      {removed && <RemoveMemberDialog member={removed} onClose={() => setRemoved(null)} />}
    </section>
  );
}

function RemoveMemberDialog({ member, onClose }: { member: Member; onClose: () => void }) {
  const removal = useChange({
    make: (client) => removeMember(client, member.id),
    told: () => `${member.name} no longer belongs to the organisation.`,
    changes: ["members"],
    then: onClose,
  });
  return (
    <ConfirmDialog
      title={`Remove ${member.name}?`}
      action="Remove"
      doing="Removing…"
      isPending={removal.isPending}
      error={removal.error}
      onConfirm={() => removal.mutate(undefined)}
      onClose={onClose}
    >
      <p>
        {member.email} can no longer see or change anything here, at once. The keys that they made stay as they are: look through them on the page of keys.
      </p>
    </ConfirmDialog>
  );
}
