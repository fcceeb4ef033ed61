import { useState, type FormEvent } from "react";
import { createDomain, type WantedDomain } from "../api/control";
import type { Domain } from "../api/types";
import { useChange } from "../announce/useChange";
import { Choice } from "../components/Choice";
import { Dialog } from "../components/Dialog";
import { DialogActions } from "../components/DialogActions";
import { Field } from "../components/Field";
import { fieldProblem } from "../components/problem";
import { ProblemNotice } from "../components/ProblemNotice";

const KINDS = [
  { value: "company", text: "A company's", hint: "A provider or a service that a company runs." },
  { value: "personal", text: "My own deployment", hint: "A model server that you or your team run." },
] as const;

interface AddDomainDialogProps {
  onClose: () => void;
}

/** Asks which domain is called, and whose it is. */
export function AddDomainDialog({ onClose }: AddDomainDialogProps) {
  const [domain, setDomain] = useState("");
  const [kind, setKind] = useState<WantedDomain["kind"]>("company");
  const [company, setCompany] = useState("");
  const addition = useChange({
    make: (client, wanted: WantedDomain) => createDomain(client, wanted),
    told: (added: Domain) => `${added.domain} is added. Set its TXT record, then verify it.`,
    changes: ["domains", "all-domains"],
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wanted = kind === "company" ? { domain: domain.trim(), kind, company: company.trim() } : { domain: domain.trim(), kind };
    addition.mutate(wanted, { onSuccess: onClose });
  };
  return (
    <Dialog title="Add a domain" onClose={onClose}>
      <form className="flex flex-col gap-4" onSubmit={submit}>
        <Field
          label="Domain"
          hint="The host in the address you call, without https:// and path."
          placeholder="llm.example.com"
          required
          autoFocus
          inputMode="url"
          autoCapitalize="none"
          className="font-mono"
          value={domain}
          onChange={setDomain}
          problem={fieldProblem(addition.error, "domain")}
        />
        <Choice legend="Whose is it?" options={KINDS} value={kind} onChange={setKind} />
        {kind === "company" && (
          <Field label="Company" placeholder="Example Ltd" required maxLength={200} value={company} onChange={setCompany} problem={fieldProblem(addition.error, "company")} />
        )}
        <ProblemNotice error={addition.error} fields={kind === "company" ? ["domain", "company"] : ["domain"]} />
        <DialogActions action="Add domain" doing="Adding…" isPending={addition.isPending} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
