import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { ApiError, createClient } from "../api/client";
import { countRequests } from "../api/requests";
import { Mark } from "../components/Mark";
import { Notice } from "../components/Notice";
import { usePageTitle } from "../components/usePageTitle";
import { signIn } from "../session/session";
import { useSession } from "../session/useSession";
import { ThemeToggle } from "../theme/ThemeToggle";

/** Asks for an API key and lets it in when the API does. */
export function SignInPage() {
  usePageTitle("Sign in");
  const { notice } = useSession();
  const [key, setKey] = useState("");
  const attempt = useMutation({
    mutationFn: (candidate: string) => countRequests(createClient(candidate), "all"),
    onSuccess: (_, candidate) => signIn(candidate),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (key.trim()) attempt.mutate(key.trim());
  };
  const problem = attempt.error ? explain(attempt.error) : notice;
  return (
    <main className="grid min-h-dvh place-items-center p-4">
      <div className="absolute top-3 right-4">
        <ThemeToggle />
      </div>
      <form className="panel flex w-full max-w-md flex-col gap-4 p-6 sm:p-8" onSubmit={submit}>
        <div className="flex items-center gap-2.5">
          <Mark />
          <h1 className="text-lg font-semibold tracking-tight">Sign in to Gatehouse</h1>
        </div>
        {problem && <Notice tone="bad">{problem}</Notice>}
        <label className="flex flex-col gap-1.5 text-sm font-medium">
          API key
          <input
            className="control h-10 font-mono"
            type="password"
            name="key"
            autoComplete="current-password"
            autoFocus
            required
            spellCheck={false}
            placeholder="sk-helicone-…"
            aria-describedby="key-hint"
            value={key}
            onChange={(event) => setKey(event.target.value)}
          />
        </label>
        <button type="submit" disabled={attempt.isPending} className="h-10 rounded-md bg-accent-fill font-medium text-white hover:brightness-110 disabled:opacity-60">
          {attempt.isPending ? "Checking…" : "Sign in"}
        </button>
        <p id="key-hint" className="text-xs leading-relaxed text-ink-soft">
          The key was printed once, at the first start of the server. Lost it? Make another on the server:
          <code className="mt-1.5 block rounded bg-raised px-2 py-1.5 font-mono text-ink">gatehouse keys create --name dashboard</code>
          <span className="mt-1.5 block">It stays in this browser tab and is forgotten when the tab closes.</span>
        </p>
      </form>
    </main>
  );
}

function explain(error: Error): string {
  if (!(error instanceof ApiError)) return "Something went wrong. Try again.";
  if (error.status === 401) return "This key is not known here. Check that it was copied whole.";
  if (error.status === 403) return "This key may not read. Use one with read permission.";
  if (error.status === 0) return "The server cannot be reached. Is it running?";
  return `The server could not check the key: ${error.message}.`;
}
