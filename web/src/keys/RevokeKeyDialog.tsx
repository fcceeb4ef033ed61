import { revokeKey } from "../api/control";
import type { ApiKey } from "../api/types";
import { useChange } from "../announce/useChange";
import { ConfirmDialog } from "../components/ConfirmDialog";
import { forget } from "../session/session";
import { describeLoss } from "./standing";

interface RevokeKeyDialogProps {
  apiKey: ApiKey;
  /** Whether it is the key of this session. */
  isOwn: boolean;
  onRevoked: (key: ApiKey) => void;
  onClose: () => void;
}

/** Says what stops working, and revokes the key for good. */
export function RevokeKeyDialog({ apiKey, isOwn, onRevoked, onClose }: RevokeKeyDialogProps) {
  const revocation = useChange({
    make: (client) => revokeKey(client, apiKey.id),
    told: () => `The key “${apiKey.api_key_name}” is revoked.`,
    // The session ends with its own key, so there is nothing left to read.
    changes: isOwn ? [] : ["keys"],
    then: () => (isOwn ? forget("You revoked the key you were signed in with. Sign in with another.") : onRevoked(apiKey)),
  });
  return (
    <ConfirmDialog
      title={`Revoke “${apiKey.api_key_name}”?`}
      action="Revoke key"
      doing="Revoking…"
      isPending={revocation.isPending}
      error={revocation.error}
      onConfirm={() => revocation.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      <ul className="flex list-disc flex-col gap-1 pl-5 text-ink-soft">
        {describeLoss(apiKey, isOwn).map((loss) => (
          <li key={loss}>{loss}</li>
        ))}
        <li>What it logged stays. A revoked key cannot be brought back.</li>
      </ul>
    </ConfirmDialog>
  );
}
