/**
 * The signed-in session: one API key, kept for as long as the browser tab lives.
 * It is never written to local storage, to a cookie or to the address bar.
 */

const STORAGE_KEY = "gatehouse.key";

export interface Session {
  key: string | null;
  /** Why the last session ended, when it was not the user's wish. */
  notice: string | null;
}

let session: Session = { key: sessionStorage.getItem(STORAGE_KEY), notice: null };
const listeners = new Set<() => void>();

export function readSession(): Session {
  return session;
}

export function subscribeToSession(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function signIn(key: string): void {
  sessionStorage.setItem(STORAGE_KEY, key);
  change({ key, notice: null });
}

export function signOut(notice: string | null = null): void {
  sessionStorage.removeItem(STORAGE_KEY);
  change({ key: null, notice });
}

function change(next: Session): void {
  session = next;
  for (const listener of listeners) listener();
}
