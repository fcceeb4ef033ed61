import { useState, type FormEvent } from "react";
import { useChange } from "../announce/useChange";
import { renameAccount } from "../api/account";
import type { Account } from "../api/types";
import { BusyButton } from "../components/BusyButton";
import { Field } from "../components/Field";
import { fieldProblem } from "../components/problem";
import { ProblemNotice } from "../components/ProblemNotice";
import { Section } from "../components/Section";

interface ProfileFormProps {
  user: Account["user"];
}

/** Who the person is. */
export function ProfileForm({ user }: ProfileFormProps) {
  const [name, setName] = useState(user.name);
  const change = useChange({
    make: (client, wanted: string) => renameAccount(client, wanted),
    told: () => "Your name is changed.",
    changes: ["account", "organization", "members"],
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate(name);
  };
  return (
    <Section title="Profile" lead={`You sign in as ${user.email}.`}>
      <form className="flex max-w-md flex-col gap-3" onSubmit={submit}>
        <ProblemNotice error={change.error} fields={["name"]} />
        <Field label="Name" name="name" autoComplete="name" required maxLength={200} problem={fieldProblem(change.error, "name")} value={name} onChange={setName} />
        <BusyButton type="submit" isBusy={change.isPending} className="button w-fit">
          {change.isPending ? "Saving…" : "Save the name"}
        </BusyButton>
      </form>
    </Section>
  );
}
