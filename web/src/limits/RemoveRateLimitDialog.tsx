import type { RateLimit } from "../api/types";
import { removeRateLimit } from "../api/rateLimits";
import { useChange } from "../announce/useChange";
import { ConfirmDialog } from "../components/ConfirmDialog";

interface RemoveRateLimitDialogProps {
  rule: RateLimit;
  onClose: () => void;
}

/** Says what follows, and removes a rule for good. */
export function RemoveRateLimitDialog({ rule, onClose }: RemoveRateLimitDialogProps) {
  const removal = useChange({
    make: (client) => removeRateLimit(client, rule.id),
    told: () => `“${rule.name}” is removed.`,
    changes: ["rate-limits"],
  });
  return (
    <ConfirmDialog
      title={`Remove “${rule.name}”?`}
      action="Remove limit"
      doing="Removing…"
      isPending={removal.isPending}
      error={removal.error}
      onConfirm={() => removal.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      <p className="text-ink-soft">It limits nothing from now on, and what was used under it is forgotten. To make a pause only, disable it.</p>
    </ConfirmDialog>
  );
}
