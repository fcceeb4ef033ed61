/** Who is signed in in this browser, as the server knows it. */
import { getAccount, getSignInOptions, signOutPerson } from "../api/account";
import { createClient } from "../api/client";
import { findNobody, forget, readSession, signInAsPerson } from "./session";

/** Asks the server who is signed in, unless this tab has a key. */
export async function askWhoIsSignedIn(): Promise<void> {
  if (!readSession().isAsking) return;
  try {
    const options = await getSignInOptions();
    if (!options.is_signed_in) return findNobody(options.has_users);
    signInAsPerson((await getAccount()).csrf_token);
  } catch {
    // What is wrong is told when somebody signs in.
    findNobody(false);
  }
}

/** Ends the session, at the server too. */
export async function signOut(notice: string | null = null): Promise<void> {
  const { credential } = readSession();
  if (credential !== null && "proof" in credential) {
    // A session that has ended already needs no ending.
    await signOutPerson(createClient(credential)).catch(() => undefined);
  }
  forget(notice);
}
