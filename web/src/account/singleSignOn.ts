import type { SingleSignOn } from "../api/types";

/** The page to which the server leads whom it did not let in, with a code that says why. */
export const SIGN_IN_PATH = "/sign-in";

const PROBLEMS: Record<string, string> = {
  denied: "You were not signed in: the provider did not let you go on, or you turned back there.",
  stale: "That sign-in was begun too long ago, in another browser, or finished already. Begin again.",
  unreachable: "The provider does not answer now. Try again in a minute.",
  untrustworthy: "What the provider said of you could not be trusted. Begin again; if it stays like this, tell whoever runs this server.",
  misconfigured: "The provider and this server do not agree on how to sign in. Whoever runs the server finds more in its log.",
  not_verified: "The provider does not vouch for your e-mail address. Have it verified there, then sign in again.",
  not_invited: "Nobody here has your e-mail address, and it is not of a domain that gets accounts. Ask an owner for an invitation.",
  no_organization: "You belong to no organisation here any more. Ask an owner for an invitation.",
  another_identity: "The account with your e-mail address belongs to somebody else at the provider. Ask whoever runs this server.",
  no_first_account: "Nobody has an account here yet. The first one is made by the link that the server's start printed.",
  too_many_attempts: "Signing in failed too often from your network. Wait a few minutes.",
  unavailable: "The server can't let anybody in now. Try again in a minute.",
};

/** Says why somebody comes to the sign-in page of `path`, if they were not let in; null if there is nothing to say. */
export function explainProblem(path: string, problem: unknown): string | null {
  if (path !== SIGN_IN_PATH || problem === undefined) return null;
  return (typeof problem === "string" && Object.hasOwn(PROBLEMS, problem) && PROBLEMS[problem]) || "You could not be signed in. Try again.";
}

/** Returns where a browser begins to sign in that goes on at `here`, a path with its query. */
export function startAddress(provider: SingleSignOn, here: string): string {
  const next = here === SIGN_IN_PATH || here.startsWith(`${SIGN_IN_PATH}?`) ? "/" : here;
  return next === "/" ? provider.url : `${provider.url}?next=${encodeURIComponent(next)}`;
}
