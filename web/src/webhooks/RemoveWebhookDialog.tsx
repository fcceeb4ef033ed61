import { removeWebhook } from "../api/webhooks";
import type { Webhook } from "../api/types";
import { useChange } from "../announce/useChange";
import { ConfirmDialog } from "../components/ConfirmDialog";

interface RemoveWebhookDialogProps {
  webhook: Webhook;
  onClose: () => void;
}

/** Says what is lost, and removes the webhook for good. */
export function RemoveWebhookDialog({ webhook, onClose }: RemoveWebhookDialogProps) {
  const removal = useChange({
    make: (client) => removeWebhook(client, webhook.id),
    told: () => `${webhook.destination} is removed.`,
    changes: ["webhooks"],
  });
  return (
    <ConfirmDialog
      title={`Remove ${webhook.destination}?`}
      action="Remove webhook"
      doing="Removing…"
      isPending={removal.isPending}
      error={removal.error}
      onConfirm={() => removal.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      <p className="text-ink-soft">It is told of no further call, and what it could not be told is thrown away. Its key is gone for good.</p>
    </ConfirmDialog>
  );
}
