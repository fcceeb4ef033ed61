import { useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useChange } from "../announce/useChange";
import { getSessionTag, rateSession, tagSession } from "../api/sessions";
import type { HeliconeRequest } from "../api/types";
import { BusyButton } from "../components/BusyButton";
import { Icon } from "../components/Icon";
import { ProblemNotice } from "../components/ProblemNotice";
import { Tag } from "../components/Tag";
import { useClient } from "../session/ClientContext";

/** The property of a session's calls that says whether it went well: "1" or "0". */
const FEEDBACK = "Helicone-Session-Feedback";
const LONGEST_TAG = 200;

interface SessionNotesProps {
  sessionId: string;
  calls: readonly HeliconeRequest[];
  mayWrite: boolean;
}

/** What people said about a session: whether it went well, and its tag. */
export function SessionNotes({ sessionId, calls, mayWrite }: SessionNotesProps) {
  const rating = ratingOf(calls);
  const rate = useChange<boolean, void>({
    make: (client, isGood) => rateSession(client, sessionId, isGood),
    told: (_, isGood) => `The session is marked as ${isGood ? "good" : "bad"}.`,
    changes: ["session-calls", "sessions"],
  });
  const shown = rate.isPending ? rate.variables : rating;
  return (
    <div className="flex flex-wrap items-center gap-2">
      <div role="group" aria-label="How it went" className="inline-flex h-8 gap-1">
        {[true, false].map((isGood) => (
          <BusyButton
            key={String(isGood)}
            className={`button !px-2 ${shown === isGood ? (isGood ? "!border-good !text-good" : "!border-bad !text-bad") : "text-ink-soft"} ${mayWrite ? "" : "pointer-events-none"}`}
            aria-label={isGood ? "It went well" : "It went badly"}
            aria-pressed={shown === isGood}
            isBusy={rate.isPending || !mayWrite}
            onClick={() => rate.mutate(isGood)}
          >
            <Icon name={isGood ? "thumb" : "thumbDown"} />
          </BusyButton>
        ))}
      </div>
      <SessionTag sessionId={sessionId} mayWrite={mayWrite} />
      <ProblemNotice error={rate.error} />
    </div>
  );
}

function SessionTag({ sessionId, mayWrite }: { sessionId: string; mayWrite: boolean }) {
  const client = useClient();
  const [draft, setDraft] = useState<string | null>(null);
  const query = useQuery({ queryKey: ["session-tag", sessionId], queryFn: ({ signal }) => getSessionTag(client, sessionId, signal) });
  const change = useChange<string, void>({
    make: (writer, tag) => tagSession(writer, sessionId, tag),
    told: (_, tag) => (tag ? `The session is tagged “${tag}”.` : "The session has no tag any more."),
    changes: ["session-tag", "sessions"],
    then: () => setDraft(null),
  });
  const save = (event: FormEvent) => {
    event.preventDefault();
    change.mutate((draft ?? "").trim());
  };
  if (query.data === undefined) return null;
  if (draft === null) {
    return (
      <span className="flex items-center gap-1">
        {query.data && <Tag text={query.data} />}
        {mayWrite && (
          <button type="button" className="button-quiet" onClick={() => setDraft(query.data ?? "")}>
            {query.data ? "Change tag" : "Add a tag"}
          </button>
        )}
      </span>
    );
  }
  return (
    <form className="flex flex-wrap items-center gap-2" onSubmit={save}>
      <input
        autoFocus
        aria-label="Tag"
        className="control w-44"
        value={draft}
        maxLength={LONGEST_TAG}
        placeholder="checked, needs a look…"
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={(event) => event.key === "Escape" && setDraft(null)}
      />
      <BusyButton type="submit" className="button" isBusy={change.isPending}>
        Save tag
      </BusyButton>
      <button type="button" className="button-quiet" onClick={() => setDraft(null)}>
        Cancel
      </button>
      <ProblemNotice error={change.error} />
    </form>
  );
}

/** Returns what the last word on a session was; null when nobody said anything. */
function ratingOf(calls: readonly HeliconeRequest[]): boolean | null {
  const said = calls.map(({ properties }) => properties[FEEDBACK]).filter((value) => value === "1" || value === "0");
  return said.length === 0 ? null : said.at(-1) === "1";
}
