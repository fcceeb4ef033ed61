import { useState, type FormEvent } from "react";
import { useChange } from "../announce/useChange";
import { changePassword } from "../api/account";
import { BusyButton } from "../components/BusyButton";
import { Field } from "../components/Field";
import { fieldProblem } from "../components/problem";
import { ProblemNotice } from "../components/ProblemNotice";
import { Section } from "../components/Section";
import { signInAsPerson } from "../session/session";

const FIELDS = ["current_password", "password"] as const;

/** Sets another password. */
export function PasswordForm() {
  const [current, setCurrent] = useState("");
  const [password, setPassword] = useState("");
  const change = useChange({
    make: (client) => changePassword(client, current, password),
    told: () => "Your password is changed. You are signed out everywhere else.",
    changes: ["account", "browser-sessions"],
    then: (account) => {
      signInAsPerson(account.csrf_token);
      setCurrent("");
      setPassword("");
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate(undefined);
  };
  const problem = (field: string) => fieldProblem(change.error, field);
  return (
    <Section title="Password" lead="Another password signs you out everywhere but here.">
      <form className="flex max-w-md flex-col gap-3" onSubmit={submit}>
        <ProblemNotice error={change.error} fields={FIELDS} />
        <Field
          label="Present password"
          type="password"
          name="current_password"
          autoComplete="current-password"
          required
          problem={problem("current_password")}
          value={current}
          onChange={setCurrent}
        />
        <Field
          label="New password"
          type="password"
          name="password"
          autoComplete="new-password"
          hint="12 to 200 characters of any kind."
          minLength={12}
          maxLength={200}
          required
          problem={problem("password")}
          value={password}
          onChange={setPassword}
        />
        <BusyButton type="submit" isBusy={change.isPending} className="button w-fit">
          {change.isPending ? "Changing…" : "Change the password"}
        </BusyButton>
      </form>
    </Section>
  );
}
