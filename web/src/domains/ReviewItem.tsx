import { useState, type FormEvent } from "react";
import { approveDomain, rejectDomain } from "../api/control";
import type { OrganizationDomain } from "../api/types";
import { useChange } from "../announce/useChange";
import { BusyButton } from "../components/BusyButton";
import { Dialog } from "../components/Dialog";
import { DialogActions } from "../components/DialogActions";
import { Field } from "../components/Field";
import { fieldProblem } from "../components/problem";
import { ProblemNotice } from "../components/ProblemNotice";
import { DomainFacts } from "./DomainFacts";
import { DomainReason } from "./DomainReason";

const LISTS = ["all-domains", "domains"];

interface ReviewItemProps {
  domain: OrganizationDomain;
}

/** A domain of any organisation, and the two decisions. */
export function ReviewItem({ domain }: ReviewItemProps) {
  const [isRejecting, setIsRejecting] = useState(false);
  const approval = useChange({
    make: (client) => approveDomain(client, domain.id),
    told: () => `${domain.domain} is approved for ${domain.organization_name}.`,
    changes: LISTS,
  });
  return (
    <li className="flex flex-col gap-2 border-line px-3 py-3 not-first:border-t sm:px-4" data-review={domain.domain}>
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <DomainFacts domain={domain} organization={domain.organization_name}>
          <DomainReason domain={domain} />
        </DomainFacts>
        <div className="flex flex-wrap gap-1">
          {domain.approved_by !== "administrator" && (
            <BusyButton className="button" isBusy={approval.isPending} onClick={() => approval.mutate()}>
              {approval.isPending ? "Approving…" : "Approve"}
              <span className="sr-only">
                {domain.domain} of {domain.organization_name}
              </span>
            </BusyButton>
          )}
          {domain.status !== "rejected" && (
            <button type="button" className="button" aria-label={`Reject ${domain.domain} of ${domain.organization_name}`} onClick={() => setIsRejecting(true)}>
              Reject
            </button>
          )}
        </div>
      </div>
      <ProblemNotice error={approval.error} />
      {isRejecting && <RejectDomainDialog domain={domain} onClose={() => setIsRejecting(false)} />}
    </li>
  );
}

interface RejectDomainDialogProps {
  domain: OrganizationDomain;
  onClose: () => void;
}

function RejectDomainDialog({ domain, onClose }: RejectDomainDialogProps) {
  const [reason, setReason] = useState("");
  const rejection = useChange({
    make: (client, said: string) => rejectDomain(client, domain.id, said),
    told: () => `${domain.domain} is rejected for ${domain.organization_name}.`,
    changes: LISTS,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    rejection.mutate(reason.trim(), { onSuccess: onClose });
  };
  return (
    <Dialog title={`Reject ${domain.domain}?`} onClose={onClose}>
      <form className="flex flex-col gap-4" onSubmit={submit}>
        <p className="text-ink-soft">Calls of {domain.organization_name} to it stay limited, whatever its TXT record says. You can approve it later.</p>
        <Field
          label="Reason (optional)"
          hint={`${domain.organization_name} sees it.`}
          autoFocus
          maxLength={200}
          value={reason}
          onChange={setReason}
          problem={fieldProblem(rejection.error, "reason")}
        />
        <ProblemNotice error={rejection.error} fields={["reason"]} />
        <DialogActions action="Reject domain" doing="Rejecting…" isPending={rejection.isPending} tone="danger" onCancel={onClose} />
      </form>
    </Dialog>
  );
}
