import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState, type FormEvent } from "react";
import { makeFirstAccount } from "../api/account";
import { AccountFrame } from "../components/AccountFrame";
import { Field } from "../components/Field";
import { fieldProblem } from "../components/problem";
import { ProblemNotice } from "../components/ProblemNotice";
import { SubmitButton } from "../components/SubmitButton";
import { usePageTitle } from "../components/usePageTitle";
import { hideLinkToken, readLinkToken } from "../session/linkToken";
import { signInAsPerson } from "../session/session";

const FIELDS = ["name", "email", "password"] as const;

/** Makes the first account, by the link that the server's start printed. */
export function FirstVisitPage() {
  usePageTitle("Welcome");
  const navigate = useNavigate();
  const [token] = useState(readLinkToken);
  useEffect(hideLinkToken, []);
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const attempt = useMutation({
    mutationFn: () => makeFirstAccount({ token, name, email, password }),
    onSuccess: async (account) => {
      await navigate({ to: "/" });
      signInAsPerson(account.csrf_token);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    attempt.mutate();
  };
  const problem = (field: string) => fieldProblem(attempt.error, field);
  return (
    <AccountFrame title="Welcome to Gatehouse" onSubmit={submit}>
      <p className="text-sm text-ink-soft">Make the first account. It owns the organisation, and decides for the whole installation.</p>
      <ProblemNotice error={attempt.error} fields={FIELDS} />
      <Field label="Name" name="name" autoComplete="name" autoFocus required problem={problem("name")} value={name} onChange={setName} />
      <Field label="E-mail" type="email" name="email" autoComplete="username" required problem={problem("email")} value={email} onChange={setEmail} />
      <Field
        label="Password"
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
      <SubmitButton text="Make the account" doing="Making it…" isBusy={attempt.isPending} />
    </AccountFrame>
  );
}
