import { useState } from "react";
import { removeDomain, verifyDomain } from "../api/control";
import type { Domain } from "../api/types";
import { useChange } from "../announce/useChange";
import { BusyButton } from "../components/BusyButton";
import { ConfirmDialog } from "../components/ConfirmDialog";
import { ProblemNotice } from "../components/ProblemNotice";
import { DomainFacts } from "./DomainFacts";
import { DomainReason } from "./DomainReason";
import { DomainRecord } from "./DomainRecord";
import { describeRemoval, isDecidedByRecord } from "./standing";

interface DomainItemProps {
  domain: Domain;
  mayManage: boolean;
}

/** One of the organisation's domains, with the record that approves it while it is not. */
export function DomainItem({ domain, mayManage }: DomainItemProps) {
  const [isRemoving, setIsRemoving] = useState(false);
  const verification = useChange({
    make: (client) => verifyDomain(client, domain.id),
    told: (checked: Domain) => (checked.status === "approved" ? `${domain.domain} is approved.` : `The record of ${domain.domain} was not found.`),
    changes: ["domains", "all-domains"],
  });
  const isApproved = domain.status === "approved";
  return (
    <li className="flex flex-col gap-2 border-line px-3 py-3 not-first:border-t sm:px-4" data-domain={domain.domain}>
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <DomainFacts domain={domain}>
          <DomainReason domain={domain} isAnswer={verification.data?.checked_at === domain.checked_at && verification.data?.updated_at === domain.updated_at} />
        </DomainFacts>
        {mayManage && (
          <div className="flex flex-wrap gap-1">
            {isDecidedByRecord(domain) && (
              <BusyButton className="button" isBusy={verification.isPending} onClick={() => verification.mutate()}>
                {verification.isPending ? "Looking up…" : isApproved ? "Verify again" : "Verify now"}
                <span className="sr-only">{domain.domain}</span>
              </BusyButton>
            )}
            <button type="button" className="button" aria-label={`Remove ${domain.domain}`} onClick={() => setIsRemoving(true)}>
              Remove
            </button>
          </div>
        )}
      </div>
      <ProblemNotice error={verification.error} />
      {!isApproved && isDecidedByRecord(domain) && (
        <div className="flex max-w-2xl flex-col gap-1.5">
          <p className="text-[0.8125rem] text-ink-soft">Set this record where the DNS of the domain is managed, then verify. A new record can take some minutes to be seen.</p>
          <DomainRecord record={domain.record} />
        </div>
      )}
      {isRemoving && <RemoveDomainDialog domain={domain} onClose={() => setIsRemoving(false)} />}
    </li>
  );
}

interface RemoveDomainDialogProps {
  domain: Domain;
  onClose: () => void;
}

function RemoveDomainDialog({ domain, onClose }: RemoveDomainDialogProps) {
  const removal = useChange({
    make: (client) => removeDomain(client, domain.id),
    told: () => `${domain.domain} is removed.`,
    changes: ["domains", "all-domains"],
  });
  return (
    <ConfirmDialog
      title={`Remove ${domain.domain}?`}
      action="Remove domain"
      doing="Removing…"
      isPending={removal.isPending}
      error={removal.error}
      onConfirm={() => removal.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      <p className="text-ink-soft">{describeRemoval(domain, domain.limits)}</p>
    </ConfirmDialog>
  );
}
