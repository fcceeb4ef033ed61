import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { listProviderKeys } from "../api/vault";
import type { ProviderKey } from "../api/types";
import { Icon } from "../components/Icon";
import { QueryState } from "../components/QueryState";
import { Section } from "../components/Section";
import { useClient } from "../session/ClientContext";
import { AddProviderKeyDialog } from "./AddProviderKeyDialog";
import { ProviderKeyTable } from "./ProviderKeyTable";
import { RemoveProviderKeyDialog } from "./RemoveProviderKeyDialog";

interface ProviderKeysProps {
  /** Makes a proxy key that stands for one of them. */
  onProxy: (key: ProviderKey) => void;
}

/** The keys of providers, and what can be done with each. */
export function ProviderKeys({ onProxy }: ProviderKeysProps) {
  const client = useClient();
  const [isAdding, setIsAdding] = useState(false);
  const [removed, setRemoved] = useState<ProviderKey | null>(null);
  const query = useQuery({ queryKey: ["provider-keys"], queryFn: ({ signal }) => listProviderKeys(client, signal) });
  return (
    <Section
      title="Provider keys"
      lead="Stored encrypted, never shown again, and sent to their provider's hosts and nowhere else. Applications get a proxy key instead."
      action={
        <button type="button" className="button-primary" onClick={() => setIsAdding(true)}>
          <Icon name="plus" />
          Store key
        </button>
      }
    >
      <QueryState what="The provider keys" query={query} />
      {query.data?.length === 0 && <p className="panel px-4 py-3 text-ink-soft">The vault is empty. Store the key of a provider to give applications proxy keys that are limited and can be revoked one by one.</p>}
      {query.data !== undefined && query.data.length > 0 && <ProviderKeyTable keys={query.data} onProxy={onProxy} onRemove={setRemoved} />}
      {isAdding && <AddProviderKeyDialog onClose={() => setIsAdding(false)} />}
      {removed && <RemoveProviderKeyDialog providerKey={removed} onClose={() => setRemoved(null)} />}
    </Section>
  );
}
