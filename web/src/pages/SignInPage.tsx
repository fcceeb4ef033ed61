import { useMutation } from "@tanstack/react-query";
import { useLocation } from "@tanstack/react-router";
import { useState, type FormEvent, type ReactNode } from "react";
import { SingleSignOnLink } from "../account/SingleSignOnLink";
import { explainProblem } from "../account/singleSignOn";
import { signInPerson } from "../api/account";
import { ApiError, createClient } from "../api/client";
import { countRequests } from "../api/requests";
import { AccountFrame } from "../components/AccountFrame";
import { Field } from "../components/Field";
import { Notice } from "../components/Notice";
import { SubmitButton } from "../components/SubmitButton";
import { usePageTitle } from "../components/usePageTitle";
import { signInAsPerson, signInWithKey } from "../session/session";
import { useSession } from "../session/useSession";

/** Lets people in by e-mail and password, and whoever has an API key by that. */
export function SignInPage() {
  usePageTitle("Sign in");
  const { hasAccounts } = useSession();
  const [byKey, setByKey] = useState(!hasAccounts);
  const change = (
    <button type="button" className="self-start text-sm text-accent hover:underline" onClick={() => setByKey(!byKey)}>
      {byKey ? "Use e-mail and password instead" : "Use an API key instead"}
    </button>
  );
  if (!byKey) return <PasswordForm>{change}</PasswordForm>;
  return <KeyForm>{hasAccounts ? change : <FirstVisitHint />}</KeyForm>;
}

interface FormProps {
  children: ReactNode;
}

/** Returns why somebody is here who was signed in, or wanted to be. */
function useReason(): string | null {
  const { notice } = useSession();
  const { pathname, search } = useLocation();
  return notice ?? explainProblem(pathname, (search as Record<string, unknown>).problem);
}

function PasswordForm({ children }: FormProps) {
  const reason = useReason();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const attempt = useMutation({
    mutationFn: () => signInPerson(email.trim(), password),
    onSuccess: (account) => signInAsPerson(account.csrf_token),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    attempt.mutate();
  };
  const problem = attempt.error ? explainPassword(attempt.error) : reason;
  return (
    <AccountFrame title="Sign in to Gatehouse" onSubmit={submit}>
      {problem && <Notice tone="bad">{problem}</Notice>}
      <SingleSignOnLink />
      <Field label="E-mail" type="email" name="email" autoComplete="username" autoFocus required problem={null} value={email} onChange={setEmail} />
      <Field label="Password" type="password" name="password" autoComplete="current-password" required problem={null} value={password} onChange={setPassword} />
      <SubmitButton text="Sign in" doing="Checking…" isBusy={attempt.isPending} />
      <p className="text-xs leading-relaxed text-ink-soft">
        Forgotten it? Whoever runs the server can make a link for a new one:
        <code className="mt-1.5 block rounded bg-raised px-2 py-1.5 font-mono text-ink">gatehouse users reset-password you@example.com</code>
      </p>
      {children}
    </AccountFrame>
  );
}

function KeyForm({ children }: FormProps) {
  const reason = useReason();
  const [key, setKey] = useState("");
  const attempt = useMutation({
    mutationFn: (candidate: string) => countRequests(createClient({ key: candidate }), "all"),
    onSuccess: (_, candidate) => signInWithKey(candidate),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (key.trim()) attempt.mutate(key.trim());
  };
  const problem = attempt.error ? explainKey(attempt.error) : reason;
  return (
    <AccountFrame title="Sign in to Gatehouse" onSubmit={submit}>
      {problem && <Notice tone="bad">{problem}</Notice>}
      <SingleSignOnLink />
      <Field
        label="API key"
        className="font-mono"
        type="password"
        name="key"
        autoComplete="off"
        autoFocus
        required
        placeholder="sk-helicone-…"
        problem={null}
        value={key}
        onChange={setKey}
      />
      <SubmitButton text="Sign in" doing="Checking…" isBusy={attempt.isPending} />
      <p className="text-xs leading-relaxed text-ink-soft">
        The key was printed once, at the first start of the server. Lost it? Make another on the server:
        <code className="mt-1.5 block rounded bg-raised px-2 py-1.5 font-mono text-ink">gatehouse keys create --name dashboard</code>
        <span className="mt-1.5 block">It stays in this browser tab and is forgotten when the tab closes.</span>
      </p>
      {children}
    </AccountFrame>
  );
}

function FirstVisitHint() {
  return (
    <p className="border-t border-line pt-3 text-xs leading-relaxed text-ink-soft">
      Rather have an account with a password? While there is none, each start of the server prints a link that makes the first one.
    </p>
  );
}

function explainPassword(error: Error): string {
  if (!(error instanceof ApiError)) return "Something went wrong. Try again.";
  if (error.status === 401) return "The e-mail or the password is wrong.";
  if (error.status === 0) return "The server cannot be reached. Is it running?";
  return `You could not be signed in: ${error.message}.`;
}

function explainKey(error: Error): string {
  if (!(error instanceof ApiError)) return "Something went wrong. Try again.";
  if (error.status === 401) return "This key is not known here. Check that it was copied whole.";
  if (error.status === 403) return "This key may not read. Use one with read permission.";
  if (error.status === 0) return "The server cannot be reached. Is it running?";
  return `The server could not check the key: ${error.message}.`;
}
