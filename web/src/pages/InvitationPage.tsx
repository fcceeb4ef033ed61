import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState, type FormEvent } from "react";
import { acceptInvitation, readInvitation } from "../api/account";
import type { OpenInvitation } from "../api/types";
import { AccountFrame } from "../components/AccountFrame";
import { Field } from "../components/Field";
import { Notice } from "../components/Notice";
import { fieldProblem } from "../components/problem";
import { ProblemNotice } from "../components/ProblemNotice";
import { SubmitButton } from "../components/SubmitButton";
import { usePageTitle } from "../components/usePageTitle";
import { hideLinkToken, readLinkToken } from "../session/linkToken";
import { signInAsPerson } from "../session/session";

const FIELDS = ["name", "password"] as const;
const nothing = (event: FormEvent) => event.preventDefault();

/** Accepts an invitation, with a new account or the one that its address has. */
export function InvitationPage() {
  usePageTitle("Invitation");
  const [token] = useState(readLinkToken);
  useEffect(hideLinkToken, []);
  const invitation = useQuery({ queryKey: ["invitation", token], queryFn: () => readInvitation(token), retry: false, gcTime: 0 });
  if (invitation.data) return <Accept token={token} invitation={invitation.data} />;
  return (
    <AccountFrame title="Invitation" onSubmit={nothing}>
      {invitation.error ? (
        <Notice tone="bad">{`${invitation.error.message}.`}</Notice>
      ) : (
        <p role="status" className="text-sm text-ink-soft">
          Looking for the invitation…
        </p>
      )}
      {invitation.error && (
        <a className="self-start text-sm text-accent hover:underline" href="/">
          Sign in
        </a>
      )}
    </AccountFrame>
  );
}

interface AcceptProps {
  token: string;
  invitation: OpenInvitation;
}

function Accept({ token, invitation }: AcceptProps) {
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const isKnown = invitation.has_account;
  const attempt = useMutation({
    mutationFn: () => acceptInvitation({ token, password, ...(!isKnown && { name }) }),
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
  const article = /^[ao]/.test(invitation.role) ? "an" : "a";
  return (
    <AccountFrame title={`Join ${invitation.organization}`} onSubmit={submit}>
      <p className="text-sm text-ink-soft">
        You are invited as {article} {invitation.role}. {isKnown ? "Accept with the password of your account." : "Choose a name and a password for your account."}
      </p>
      <ProblemNotice error={attempt.error} fields={FIELDS} />
      <Field label="E-mail" type="email" name="email" autoComplete="username" readOnly problem={null} value={invitation.email} onChange={() => undefined} />
      {!isKnown && <Field label="Name" name="name" autoComplete="name" autoFocus required problem={problem("name")} value={name} onChange={setName} />}
      <Field
        label="Password"
        type="password"
        name="password"
        autoComplete={isKnown ? "current-password" : "new-password"}
        {...(!isKnown && { hint: "12 to 200 characters of any kind.", minLength: 12, maxLength: 200 })}
        required
        problem={problem("password")}
        value={password}
        onChange={setPassword}
      />
      <SubmitButton text="Accept and sign in" doing="Signing in…" isBusy={attempt.isPending} />
    </AccountFrame>
  );
}
