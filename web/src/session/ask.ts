/** Who is signed in in this browser, as the server knows it. */
import { getAccount, getSignInOptions, signOutPerson } from "../api/account";
import { createClient } from "../api/client";
import { findNobody, forget, noteOptions, readSession, signInAsPerson } from "./session";

/** Asks the server who is signed in, unless this tab has a key. */
export async function askWhoIsSignedIn(): Promise<void> {
  if (!readSession().isAsking) return;
  try {
    const options = await getSignInOptions();
    noteOptions(options);
    if (!options.is_signed_in) return findNobody();
    signInAsPerson((await getAccount()).csrf_token);
  } catch {
    // What is wrong is told when somebody signs in.
    findNobody();
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
  // A tab that began with a key was never told.
  await getSignInOptions().then(noteOptions, () => undefined);
}
