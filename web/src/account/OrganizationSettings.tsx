import { useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useChange } from "../announce/useChange";
import { getAccount, renameOrganization, switchOrganization } from "../api/account";
import type { Caller } from "../api/types";
import { BusyButton } from "../components/BusyButton";
import { Field } from "../components/Field";
import { fieldProblem } from "../components/problem";
import { ProblemNotice } from "../components/ProblemNotice";
import { Section } from "../components/Section";
import { SelectField } from "../components/SelectField";
import { queryClient } from "../queryClient";
import { signInAsPerson } from "../session/session";

interface OrganizationSettingsProps {
  caller: Caller;
}

/** The organisation's name, and which one to work in. */
export function OrganizationSettings({ caller }: OrganizationSettingsProps) {
  return (
    <Section title="Organisation" lead={caller.owns ? "Everybody who belongs to it sees its name." : "An owner of the organisation can change its name."}>
      {caller.owns ? <NameForm name={caller.name} /> : <p className="font-medium">{caller.name}</p>}
      {caller.user && <Switch />}
    </Section>
  );
}

function NameForm({ name: present }: { name: string }) {
  const [name, setName] = useState(present);
  const change = useChange({
    make: (client, wanted: string) => renameOrganization(client, wanted),
    told: () => "The organisation's name is changed.",
    changes: ["account", "organization"],
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate(name);
  };
  return (
    <form className="flex max-w-md flex-col gap-3" onSubmit={submit}>
      <ProblemNotice error={change.error} fields={["name"]} />
      <Field label="Organisation's name" name="organization" required maxLength={200} problem={fieldProblem(change.error, "name")} value={name} onChange={setName} />
      <BusyButton type="submit" isBusy={change.isPending} className="button w-fit">
        {change.isPending ? "Saving…" : "Save the organisation's name"}
      </BusyButton>
    </form>
  );
}

function Switch() {
  const query = useQuery({ queryKey: ["account"], queryFn: getAccount });
  const change = useChange({
    make: (client, id: string) => switchOrganization(client, id),
    told: (account) => `You work in ${account.organization.name} now.`,
    changes: [],
    then: (account) => {
      signInAsPerson(account.csrf_token);
      // What one organisation logged must not be shown in another.
      queryClient.clear();
    },
  });
  if (query.data === undefined || query.data.organizations.length < 2) return null;
  const options = query.data.organizations.map(({ id, name, role }) => ({ value: id, text: `${name} (${role})` }));
  return (
    <div className="flex max-w-md flex-col gap-3">
      <ProblemNotice error={change.error} />
      <SelectField label="Work in" options={options} value={query.data.organization.id} onChange={(id) => change.mutate(id)} />
    </div>
  );
}
