import { revokeProxyKey } from "../api/vault";
import type { ProxyKey } from "../api/types";
import { useChange } from "../announce/useChange";
import { ConfirmDialog } from "../components/ConfirmDialog";

interface RevokeProxyKeyDialogProps {
  proxyKey: ProxyKey;
  onRevoked: (key: ProxyKey) => void;
  onClose: () => void;
}

/** Says what stops working, and revokes a proxy key for good. */
export function RevokeProxyKeyDialog({ proxyKey, onRevoked, onClose }: RevokeProxyKeyDialogProps) {
  const name = proxyKey.proxy_key_name;
  const revocation = useChange({
    make: (client) => revokeProxyKey(client, proxyKey.id),
    told: () => `The proxy key “${name}” is revoked.`,
    changes: ["proxy-keys"],
    then: () => onRevoked(proxyKey),
  });
  return (
    <ConfirmDialog
      title={`Revoke “${name}”?`}
      action="Revoke proxy key"
      doing="Revoking…"
      isPending={revocation.isPending}
      error={revocation.error}
      onConfirm={() => revocation.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      <p className="text-ink-soft">Calls with it are refused within a second; the provider's key and its other proxy keys go on working. A revoked key cannot be brought back.</p>
    </ConfirmDialog>
  );
}
