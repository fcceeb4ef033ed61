/**
 * Who uses this tab: somebody who signed in, whose session is a cookie that no script can read, or whoever has an API
 * key, which is kept for as long as the tab lives. Neither is written to local storage or to the address bar.
 */
import type { SignInOptions, SingleSignOn } from "../api/types";

const STORAGE_KEY = "gatehouse.key";

/** What calls are signed with: a key, or the proof that goes with the session's cookie. */
export type Credential = { key: string } | { proof: string };

export interface Session {
  /** Null for nobody. */
  credential: Credential | null;
  /** Whether the server was not asked yet who is signed in. */
  isAsking: boolean;
  /** Whether there are accounts; without one people have keys only. */
  hasAccounts: boolean;
  /** The provider at which people can sign in, where there is one. */
  singleSignOn: SingleSignOn | null;
  /** Why the last session ended, when it was not the user's wish. */
  notice: string | null;
}

const storedKey = sessionStorage.getItem(STORAGE_KEY);
let session: Session = { credential: storedKey === null ? null : { key: storedKey }, isAsking: storedKey === null, hasAccounts: false, singleSignOn: null, notice: null };
const listeners = new Set<() => void>();

export function readSession(): Session {
  return session;
}

export function subscribeToSession(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Goes on with an API key. */
export function signInWithKey(key: string): void {
  sessionStorage.setItem(STORAGE_KEY, key);
  change({ credential: { key }, notice: null });
}

/** Goes on as a person, whose calls carry `proof` beside the cookie. */
export function signInAsPerson(proof: string): void {
  sessionStorage.removeItem(STORAGE_KEY);
  change({ credential: { proof }, isAsking: false, hasAccounts: true, notice: null });
}

/** Notes how people sign in here. */
export function noteOptions({ has_users, single_sign_on }: SignInOptions): void {
  change({ hasAccounts: has_users, singleSignOn: single_sign_on });
}

/** Notes that nobody is signed in. */
export function findNobody(): void {
  change({ credential: null, isAsking: false });
}

/** Forgets who it was. */
export function forget(notice: string | null = null): void {
  sessionStorage.removeItem(STORAGE_KEY);
  change({ credential: null, notice });
}

function change(next: Partial<Session>): void {
  session = { ...session, ...next };
  for (const listener of listeners) listener();
}
