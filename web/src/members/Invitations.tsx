import { useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useChange } from "../announce/useChange";
import { createInvitation, listInvitations, revokeInvitation } from "../api/account";
import type { CreatedInvitation, Invitation, Role } from "../api/types";
import { BusyButton } from "../components/BusyButton";
import { Field } from "../components/Field";
import { Instant } from "../components/Instant";
import { OncePanel } from "../components/OncePanel";
import { fieldProblem } from "../components/problem";
import { ProblemNotice } from "../components/ProblemNotice";
import { QueryState } from "../components/QueryState";
import { Section } from "../components/Section";
import { SelectField } from "../components/SelectField";
import { useClient } from "../session/ClientContext";
import { ROLES, describeRole } from "./roles";

const QUERY = "invitations";

interface InvitationsProps {
  /** Whether the caller may invite. */
  owns: boolean;
}

/** Who is invited, and the form that invites. */
export function Invitations({ owns }: InvitationsProps) {
  const client = useClient();
  const [made, setMade] = useState<CreatedInvitation | null>(null);
  const query = useQuery({ queryKey: [QUERY], queryFn: ({ signal }) => listInvitations(client, signal) });
  const revocation = useChange({
    make: (anyClient, invitation: Invitation) => revokeInvitation(anyClient, invitation.id),
    told: (_, { email }) => `The invitation of ${email} is taken back.`,
    changes: [QUERY],
  });
  const invitations = query.data ?? [];
  return (
    <Section title="Invitations" lead="An invitation is a link that is good once, for a week. Gatehouse sends no mail: pass the link on yourself.">
      {made && (
        <OncePanel
          title={`The invitation of ${made.email}`}
          lead="Pass this link on; it is shown this once. If it gets lost, invite the address again, and the link is no longer good."
          what="link"
          secret={new URL(made.path, location.origin).href}
          testId="invitation-link"
          onDone={() => setMade(null)}
        />
      )}
      {owns && <InviteForm onMade={setMade} />}
      <QueryState what="The invitations" query={query} />
      <ProblemNotice error={revocation.error} />
      {invitations.length > 0 && (
        <ul className="panel divide-y divide-line">
          {invitations.map((invitation) => (
            <li key={invitation.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-2.5">
              <div className="min-w-0 flex-1 basis-56">
                <p className="font-medium wrap-anywhere">{invitation.email}</p>
                <p className="text-xs text-ink-soft">
                  {describeRole(invitation.role)}, until <Instant iso={invitation.expires_at} />
                </p>
              </div>
              {owns && (
                <BusyButton isBusy={revocation.isPending} className="button" aria-label={`Take back the invitation of ${invitation.email}`} onClick={() => revocation.mutate(invitation)}>
                  Take back
                </BusyButton>
              )}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function InviteForm({ onMade }: { onMade: (made: CreatedInvitation) => void }) {
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("member");
  const creation = useChange({
    make: (client) => createInvitation(client, email, role),
    told: (invitation) => `${invitation.email} is invited.`,
    changes: [QUERY],
    then: (invitation) => {
      onMade(invitation);
      setEmail("");
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    creation.mutate(undefined);
  };
  return (
    <form className="flex max-w-2xl flex-wrap items-end gap-3" onSubmit={submit}>
      <div className="w-full">
        <ProblemNotice error={creation.error} fields={["email"]} />
      </div>
      <div className="min-w-0 flex-1 basis-64">
        <Field label="E-mail" type="email" name="invited" required problem={fieldProblem(creation.error, "email")} value={email} onChange={setEmail} />
      </div>
      <div className="basis-36">
        <SelectField label="Role" options={ROLES} value={role} onChange={setRole} />
      </div>
      <BusyButton type="submit" isBusy={creation.isPending} className="button h-9">
        {creation.isPending ? "Inviting…" : "Invite"}
      </BusyButton>
    </form>
  );
}
