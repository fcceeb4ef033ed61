import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState, type FormEvent } from "react";
import { setPasswordByLink } from "../api/account";
import { AccountFrame } from "../components/AccountFrame";
import { Field } from "../components/Field";
import { fieldProblem } from "../components/problem";
import { ProblemNotice } from "../components/ProblemNotice";
import { SubmitButton } from "../components/SubmitButton";
import { usePageTitle } from "../components/usePageTitle";
import { hideLinkToken, readLinkToken } from "../session/linkToken";
import { signInAsPerson } from "../session/session";

const FIELDS = ["password"] as const;

/** Sets a password by a link, and signs in with it. */
export function NewPasswordPage() {
  usePageTitle("New password");
  const navigate = useNavigate();
  const [token] = useState(readLinkToken);
  useEffect(hideLinkToken, []);
  const [password, setPassword] = useState("");
  const attempt = useMutation({
    mutationFn: () => setPasswordByLink(token, password),
    onSuccess: async (account) => {
      await navigate({ to: "/" });
      signInAsPerson(account.csrf_token);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    attempt.mutate();
  };
  return (
    <AccountFrame title="Set a password" onSubmit={submit}>
      <p className="text-sm text-ink-soft">Wherever you were signed in, that ends.</p>
      <ProblemNotice error={attempt.error} fields={FIELDS} />
      <Field
        label="New password"
        type="password"
        name="password"
        autoComplete="new-password"
        hint="12 to 200 characters of any kind."
        minLength={12}
        maxLength={200}
        autoFocus
        required
        problem={fieldProblem(attempt.error, "password")}
        value={password}
        onChange={setPassword}
      />
      <SubmitButton text="Set the password" doing="Setting it…" isBusy={attempt.isPending} />
    </AccountFrame>
  );
}
