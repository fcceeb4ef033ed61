import { useState } from "react";
import type { ProviderKey } from "../api/types";
import { QueryState } from "../components/QueryState";
import { ReadOnlyNote } from "../components/ReadOnlyNote";
import { usePageTitle } from "../components/usePageTitle";
import { mayManage } from "../session/mayManage";
import { useCaller } from "../session/useCaller";
import { CreateProxyKeyDialog, type NewProxyKey } from "../vault/CreateProxyKeyDialog";
import { NewProxyKeyPanel } from "../vault/NewProxyKeyPanel";
import { ProviderKeys } from "../vault/ProviderKeys";
import { ProxyKeys } from "../vault/ProxyKeys";

/** The organisation's keys of providers, and the proxy keys that stand in their place. */
export function VaultPage() {
  usePageTitle("Vault");
  const caller = useCaller();
  return (
    <div className="flex max-w-6xl flex-col gap-4">
      <h1 className="text-lg font-semibold tracking-tight">Vault</h1>
      <QueryState what="Your permissions" query={caller} />
      {caller.data && !mayManage(caller.data) && <ReadOnlyNote caller={caller.data} what="see and change the keys in the vault" />}
      {caller.data && mayManage(caller.data) && <Vault />}
    </div>
  );
}

function Vault() {
  const [provider, setProvider] = useState<ProviderKey | null>(null);
  const [created, setCreated] = useState<NewProxyKey | null>(null);
  const show = (key: NewProxyKey) => {
    setProvider(null);
    setCreated(key);
  };
  return (
    <div className="flex flex-col gap-8">
      {created && <NewProxyKeyPanel key={created.id} created={created} onDone={() => setCreated(null)} />}
      <ProviderKeys onProxy={setProvider} />
      <ProxyKeys onRevoked={({ id }) => setCreated((shown) => (shown?.id === id ? null : shown))} />
      {provider && <CreateProxyKeyDialog provider={provider} onCreated={show} onClose={() => setProvider(null)} />}
    </div>
  );
}
