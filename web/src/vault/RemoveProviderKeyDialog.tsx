import { removeProviderKey } from "../api/vault";
import type { ProviderKey } from "../api/types";
import { useChange } from "../announce/useChange";
import { ConfirmDialog } from "../components/ConfirmDialog";

interface RemoveProviderKeyDialogProps {
  providerKey: ProviderKey;
  onClose: () => void;
}

/** Says what stops, and erases a provider's key for good. */
export function RemoveProviderKeyDialog({ providerKey, onClose }: RemoveProviderKeyDialogProps) {
  const name = providerKey.provider_key_name;
  const removal = useChange({
    make: (client) => removeProviderKey(client, providerKey.id),
    told: () => `“${name}” is erased.`,
    changes: ["provider-keys", "proxy-keys"],
  });
  return (
    <ConfirmDialog
      title={`Remove “${name}”?`}
      action="Remove provider key"
      doing="Removing…"
      isPending={removal.isPending}
      error={removal.error}
      onConfirm={() => removal.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      <p className="text-ink-soft">The key is erased and can't be brought back; every proxy key that stands for it is refused from now on. It still works at the provider: revoke it there too.</p>
    </ConfirmDialog>
  );
}
