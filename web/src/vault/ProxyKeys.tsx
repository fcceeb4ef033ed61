import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { listProviderKeys, listProxyKeys } from "../api/vault";
import type { ProxyKey } from "../api/types";
import { Icon } from "../components/Icon";
import { QueryState } from "../components/QueryState";
import { Section } from "../components/Section";
import { standingOf } from "../keys/standing";
import { useClient } from "../session/ClientContext";
import { ProxyKeyTable } from "./ProxyKeyTable";
import { RevokeProxyKeyDialog } from "./RevokeProxyKeyDialog";

interface ProxyKeysProps {
  onRevoked: (key: ProxyKey) => void;
}

/** The proxy keys, and what can be done with each. */
export function ProxyKeys({ onRevoked }: ProxyKeysProps) {
  const client = useClient();
  const [showsRevoked, setShowsRevoked] = useState(false);
  const [open, setOpen] = useState<ProxyKey | null>(null);
  const query = useQuery({ queryKey: ["proxy-keys"], queryFn: ({ signal }) => listProxyKeys(client, signal) });
  const providers = useQuery({ queryKey: ["provider-keys"], queryFn: ({ signal }) => listProviderKeys(client, signal) });
  const keys = query.data ?? [];
  const now = query.dataUpdatedAt;
  const revoked = keys.filter((key) => standingOf(key, now) === "revoked").length;
  const shown = showsRevoked ? keys : keys.filter((key) => standingOf(key, now) !== "revoked");
  const names = new Map((providers.data ?? []).map((key) => [key.id, key.provider_key_name]));
  return (
    <Section title="Proxy keys" lead="What applications use in the place of a provider's key: limited, and revoked one by one, while the provider's key stays in the vault.">
      <QueryState what="The proxy keys" query={query} />
      {query.data && shown.length === 0 && <p className="panel px-4 py-3 text-ink-soft">No proxy key is in use. Make one from a provider's key above.</p>}
      {shown.length > 0 && <ProxyKeyTable keys={shown} providerNames={names} now={now} onRevoke={setOpen} />}
      {revoked > 0 && (
        <button type="button" role="switch" aria-checked={showsRevoked} className="button w-fit aria-checked:border-accent aria-checked:text-accent" onClick={() => setShowsRevoked(!showsRevoked)}>
          {showsRevoked && <Icon name="check" />}
          Show revoked proxy keys ({revoked})
        </button>
      )}
      {open && <RevokeProxyKeyDialog proxyKey={open} onRevoked={onRevoked} onClose={() => setOpen(null)} />}
    </Section>
  );
}
