import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { listDeadLetters, removeDeadLetter, retryDeadLetter } from "../api/webhooks";
import type { DeadLetter, WebhookAttempt } from "../api/types";
import { useChange } from "../announce/useChange";
import { BusyButton } from "../components/BusyButton";
import { Instant } from "../components/Instant";
import { Notice } from "../components/Notice";
import { ProblemNotice } from "../components/ProblemNotice";
import { QueryState } from "../components/QueryState";
import { useClient } from "../session/ClientContext";

interface DeadLettersProps {
  webhookId: string;
  mayManage: boolean;
}

/** What a webhook could not be told; nothing when it was told everything. */
export function DeadLetters({ webhookId, mayManage }: DeadLettersProps) {
  const client = useClient();
  const query = useQuery({ queryKey: ["dead-letters", webhookId], queryFn: ({ signal }) => listDeadLetters(client, webhookId, signal) });
  if (query.data === undefined) return query.error && <QueryState what="What it could not be told" query={query} />;
  if (query.data.length === 0) return null;
  const letters = query.data;
  return (
    <details open className="text-[0.8125rem]">
      <summary className="font-medium">
        {letters.length === 1 ? "One delivery was" : `${letters.length} deliveries were`} given up
      </summary>
      <ul className="mt-1 flex flex-col">
        {letters.map((letter) => (
          <LetterItem key={letter.id} webhookId={webhookId} letter={letter} mayManage={mayManage} />
        ))}
      </ul>
    </details>
  );
}

interface LetterItemProps {
  webhookId: string;
  letter: DeadLetter;
  mayManage: boolean;
}

function LetterItem({ webhookId, letter, mayManage }: LetterItemProps) {
  const ref = { webhookId, id: letter.id };
  const call = letter.request_id.slice(0, 8);
  const retry = useChange({
    make: (client) => retryDeadLetter(client, ref),
    told: ({ success, message }: WebhookAttempt) => (success ? `The delivery about ${call} was taken.` : `It failed again: ${message}.`),
    changes: ["dead-letters"],
  });
  const removal = useChange({
    make: (client) => removeDeadLetter(client, ref),
    told: () => `The delivery about ${call} is thrown away.`,
    changes: ["dead-letters"],
  });
  return (
    <li className="flex flex-col gap-1 border-line py-1.5 not-first:border-t" data-letter={letter.id}>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="min-w-0 flex-1 basis-60 wrap-anywhere">
          <Link to="/requests/$requestId" params={{ requestId: letter.request_id }} className="font-mono text-accent hover:underline">
            {call}
          </Link>{" "}
          <span className="text-ink-soft">
            <Instant iso={letter.failed_at} />, {letter.attempts === 1 ? "one attempt" : `${letter.attempts} attempts`}: {letter.error}
          </span>
        </span>
        {mayManage && (
          <span className="flex gap-1">
            <BusyButton className="button-quiet" isBusy={retry.isPending} aria-label={`Retry the delivery about ${call}`} onClick={() => retry.mutate()}>
              {retry.isPending ? "Sending…" : "Retry"}
            </BusyButton>
            <BusyButton className="button-quiet text-bad hover:text-bad" isBusy={removal.isPending} aria-label={`Throw away the delivery about ${call}`} onClick={() => removal.mutate()}>
              Throw away
            </BusyButton>
          </span>
        )}
      </div>
      {retry.data && !retry.data.success && <Notice tone="warn">Not taken: {retry.data.message}.</Notice>}
      <ProblemNotice error={retry.error ?? removal.error} />
    </li>
  );
}
