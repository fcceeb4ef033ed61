import { removePriceOverride } from "../api/costs";
import type { PriceOverride } from "../api/types";
import { useChange } from "../announce/useChange";
import { ConfirmDialog } from "../components/ConfirmDialog";

interface RemovePriceDialogProps {
  price: PriceOverride;
  onClose: () => void;
}

/** Says what follows, and removes a price. */
export function RemovePriceDialog({ price, onClose }: RemovePriceDialogProps) {
  const name = price.models.join(", ");
  const removal = useChange({
    make: (client) => removePriceOverride(client, price.id),
    told: () => `The price of ${name} is removed.`,
    changes: ["price-overrides"],
  });
  return (
    <ConfirmDialog
      title={`Remove the price of ${name}?`}
      action="Remove price"
      doing="Removing…"
      isPending={removal.isPending}
      error={removal.error}
      onConfirm={() => removal.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      <p className="text-ink-soft">Calls are priced as if it had never been set, from now on. Earlier calls keep their cost until they are priced anew.</p>
    </ConfirmDialog>
  );
}
