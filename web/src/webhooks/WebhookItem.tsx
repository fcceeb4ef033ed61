import { useState } from "react";
import { switchWebhook, testWebhook } from "../api/webhooks";
import type { Webhook, WebhookAttempt } from "../api/types";
import { useChange } from "../announce/useChange";
import { Badge } from "../components/Badge";
import { BusyButton } from "../components/BusyButton";
import { Instant } from "../components/Instant";
import { ProblemNotice } from "../components/ProblemNotice";
import { BreakableUrl } from "../request/BreakableUrl";
import { DeadLetters } from "./DeadLetters";
import { RemoveWebhookDialog } from "./RemoveWebhookDialog";
import { describeSettings, settingsOf } from "./settings";

interface WebhookItemProps {
  webhook: Webhook;
  mayManage: boolean;
}

/** One webhook: what it is told, whether it takes a test, and what it could not be told. */
export function WebhookItem({ webhook, mayManage }: WebhookItemProps) {
  const [isRemoving, setIsRemoving] = useState(false);
  const { id, destination, is_active: isActive } = webhook;
  return (
    <li className="panel flex flex-col gap-3 p-3 sm:p-4" data-webhook={destination}>
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-72">
          <h2 className="font-mono text-[0.8125rem] font-semibold wrap-anywhere">
            <BreakableUrl url={destination} />
          </h2>
          <p className="text-[0.8125rem] text-ink-soft">{describeSettings(settingsOf(webhook))}</p>
          <p className="text-xs text-ink-faint">
            Added <Instant iso={webhook.created_at} />
          </p>
        </div>
        <Badge tone={isActive ? "good" : "idle"}>{isActive ? "Active" : "Switched off"}</Badge>
      </div>
      {mayManage && <Actions webhook={webhook} onRemove={() => setIsRemoving(true)} />}
      <DeadLetters webhookId={id} mayManage={mayManage} />
      {isRemoving && <RemoveWebhookDialog webhook={webhook} onClose={() => setIsRemoving(false)} />}
    </li>
  );
}

interface ActionsProps {
  webhook: Webhook;
  onRemove: () => void;
}

function Actions({ webhook: { id, destination, is_active: isActive }, onRemove }: ActionsProps) {
  const trial = useChange({
    make: (client) => testWebhook(client, id),
    told: ({ success, message }: WebhookAttempt) => (success ? `${destination} took the test.` : `The test failed: ${message}.`),
    changes: [],
  });
  const change = useChange({
    make: (client) => switchWebhook(client, id, !isActive),
    told: () => `${destination} is switched ${isActive ? "off" : "on"}.`,
    changes: ["webhooks"],
  });
  const testing = trial.isPending ? "Sending a test" : "Send a test";
  return (
    <>
      <div className="flex flex-wrap items-center gap-1">
        <BusyButton className="button" isBusy={trial.isPending} aria-label={`${testing} to ${destination}`} onClick={() => trial.mutate()}>
          {testing}
        </BusyButton>
        <BusyButton className="button-quiet" isBusy={change.isPending} aria-label={`Switch ${isActive ? "off" : "on"} ${destination}`} onClick={() => change.mutate()}>
          {isActive ? "Switch off" : "Switch on"}
        </BusyButton>
        <button type="button" className="button-quiet text-bad hover:text-bad" aria-label={`Remove ${destination}`} onClick={onRemove}>
          Remove
        </button>
      </div>
      {trial.data && (
        <p className={`text-[0.8125rem] ${trial.data.success ? "text-good" : "text-bad"}`}>
          Last test: {trial.data.message}.
        </p>
      )}
      <ProblemNotice error={trial.error ?? change.error} />
    </>
  );
}
