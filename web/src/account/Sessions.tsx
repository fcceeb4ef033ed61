import { useQuery } from "@tanstack/react-query";
import { useChange } from "../announce/useChange";
import { endBrowserSession, endOtherBrowserSessions, listBrowserSessions } from "../api/account";
import type { BrowserSession } from "../api/types";
import { BusyButton } from "../components/BusyButton";
import { Instant } from "../components/Instant";
import { ProblemNotice } from "../components/ProblemNotice";
import { QueryState } from "../components/QueryState";
import { Section } from "../components/Section";
import { useClient } from "../session/ClientContext";
import { describeBrowser } from "./browser";

const QUERY = "browser-sessions";

/** Where the person is signed in. */
export function Sessions() {
  const client = useClient();
  const query = useQuery({ queryKey: [QUERY], queryFn: ({ signal }) => listBrowserSessions(client, signal) });
  const end = useChange({
    make: (anyClient, session: BrowserSession) => endBrowserSession(anyClient, session.id),
    told: () => "That browser is signed out.",
    changes: [QUERY],
  });
  const endOthers = useChange({
    make: (anyClient) => endOtherBrowserSessions(anyClient),
    told: () => "You are signed out everywhere else.",
    changes: [QUERY],
  });
  const sessions = query.data ?? [];
  const action = sessions.length > 1 && (
    <BusyButton isBusy={endOthers.isPending} className="button" onClick={() => endOthers.mutate(undefined)}>
      Sign out everywhere else
    </BusyButton>
  );
  return (
    <Section title="Where you are signed in" lead="A browser that you do not know? Sign it out, and change your password." action={action}>
      <QueryState what="Your sessions" query={query} />
      <ProblemNotice error={end.error ?? endOthers.error} />
      <ul className="panel divide-y divide-line">
        {sessions.map((session) => (
          <li key={session.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5">
            <div className="min-w-0 flex-1 basis-56">
              <p className="font-medium wrap-anywhere" title={session.user_agent}>
                {describeBrowser(session.user_agent)}
                {session.is_current && <span className="ml-2 rounded bg-accent-wash px-1.5 py-0.5 text-xs text-accent">This browser</span>}
              </p>
              <p className="text-xs text-ink-soft">
                From {session.address}, last used <Instant iso={session.last_used_at} />
              </p>
            </div>
            {!session.is_current && (
              <BusyButton isBusy={end.isPending} className="button" aria-label={`Sign out ${describeBrowser(session.user_agent)}`} onClick={() => end.mutate(session)}>
                Sign out
              </BusyButton>
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}
