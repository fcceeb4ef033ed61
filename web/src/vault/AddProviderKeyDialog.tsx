import { useQuery } from "@tanstack/react-query";
import { useId, useState, type FormEvent } from "react";
import { listProviders } from "../api/control";
import { addProviderKey, type WantedProviderKey } from "../api/vault";
import { useChange } from "../announce/useChange";
import { Dialog } from "../components/Dialog";
import { DialogActions } from "../components/DialogActions";
import { Field } from "../components/Field";
import { fieldProblem } from "../components/problem";
import { ProblemNotice } from "../components/ProblemNotice";
import { useClient } from "../session/ClientContext";

const FIELDS = ["providerName", "providerKeyName", "providerKey", "providerSecretKey", "hosts"];

interface AddProviderKeyDialogProps {
  onClose: () => void;
}

/** Asks whose key it is, for the key itself, and where it may be sent. */
export function AddProviderKeyDialog({ onClose }: AddProviderKeyDialogProps) {
  const client = useClient();
  const listId = useId();
  const [provider, setProvider] = useState("");
  const [name, setName] = useState("");
  const [key, setKey] = useState("");
  const [secret, setSecret] = useState("");
  const [hosts, setHosts] = useState("");
  const providers = useQuery({ queryKey: ["providers"], queryFn: ({ signal }) => listProviders(client, signal), staleTime: 300_000 });
  const addition = useChange({
    make: (api, wanted: WantedProviderKey) => addProviderKey(api, wanted),
    told: (_, wanted) => `The key “${wanted.providerKeyName}” is in the vault.`,
    changes: ["provider-keys"],
  });
  const problem = (field: string) => fieldProblem(addition.error, field);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    addition.mutate(wantedKey({ provider, name, key, secret, hosts }), { onSuccess: onClose });
  };
  return (
    <Dialog title="Store a provider's key" onClose={onClose}>
      <form className="flex flex-col gap-4" onSubmit={submit}>
        <Field
          label="Provider"
          hint="One that is known, or a name of your own together with its hosts."
          placeholder="openai"
          list={listId}
          required
          autoFocus
          autoCapitalize="none"
          value={provider}
          onChange={setProvider}
          problem={problem("providerName")}
        />
        <datalist id={listId}>
          {[...new Set((providers.data ?? []).map((known) => known.name))].map((known) => (
            <option key={known} value={known} aria-label={known} />
          ))}
        </datalist>
        <Field label="Name" placeholder="production" required maxLength={200} value={name} onChange={setName} problem={problem("providerKeyName")} />
        <Field
          label="Key"
          hint="It is encrypted, and leaves the vault for its provider's hosts only. Without the provider's “Bearer”."
          type="password"
          required
          className="font-mono"
          value={key}
          onChange={setKey}
          problem={problem("providerKey")}
        />
        <Field
          label="Hosts (optional)"
          hint="The only hosts it is sent to, separated by commas: needed where customers choose theirs, as at Azure. Without any, those of the provider."
          placeholder="acme.openai.azure.com"
          autoCapitalize="none"
          className="font-mono"
          value={hosts}
          onChange={setHosts}
          problem={problem("hosts")}
        />
        <Field
          label="Second secret (optional)"
          hint="For providers whose keys have two parts, as AWS."
          type="password"
          className="font-mono"
          value={secret}
          onChange={setSecret}
          problem={problem("providerSecretKey")}
        />
        <ProblemNotice error={addition.error} fields={FIELDS} />
        <DialogActions action="Store key" doing="Storing…" isPending={addition.isPending} onCancel={onClose} />
      </form>
    </Dialog>
  );
}

function wantedKey({ provider, name, key, secret, hosts }: Record<"provider" | "name" | "key" | "secret" | "hosts", string>): WantedProviderKey {
  const listed = hosts.split(",").map((host) => host.trim()).filter(Boolean);
  return {
    providerName: provider.trim(),
    providerKeyName: name.trim(),
    providerKey: key.trim(),
    ...(secret.trim() && { providerSecretKey: secret.trim() }),
    ...(listed.length > 0 && { hosts: listed }),
  };
}
