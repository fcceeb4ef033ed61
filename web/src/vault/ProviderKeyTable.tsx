import { switchProviderKey } from "../api/vault";
import type { ProviderKey } from "../api/types";
import { useChange } from "../announce/useChange";
import { Badge } from "../components/Badge";
import { BusyButton } from "../components/BusyButton";
import { Instant } from "../components/Instant";
import { ProblemNotice } from "../components/ProblemNotice";

interface ProviderKeyTableProps {
  keys: ProviderKey[];
  onProxy: (key: ProviderKey) => void;
  onRemove: (key: ProviderKey) => void;
}

export function ProviderKeyTable({ keys, onProxy, onRemove }: ProviderKeyTableProps) {
  return (
    <div className="panel overflow-x-auto">
      <table className="list-table">
        <caption className="sr-only">Provider keys, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col" className="max-md:hidden">
              Sent to
            </th>
            <th scope="col" className="max-lg:hidden">
              Changed
            </th>
            <th scope="col">Status</th>
            <th scope="col">
              <span className="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <ProviderKeyRow key={key.id} providerKey={key} onProxy={onProxy} onRemove={onRemove} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface ProviderKeyRowProps {
  providerKey: ProviderKey;
  onProxy: (key: ProviderKey) => void;
  onRemove: (key: ProviderKey) => void;
}

function ProviderKeyRow({ providerKey, onProxy, onRemove }: ProviderKeyRowProps) {
  const { id, provider_key_name: name, provider_name: provider, hosts, active } = providerKey;
  const change = useChange({
    make: (client) => switchProviderKey(client, id, !active),
    told: () => (active ? `“${name}” is not used any more; its proxy keys are refused.` : `“${name}” is used again.`),
    changes: ["provider-keys"],
  });
  const sentTo = hosts.length > 0 ? hosts.join(", ") : `hosts of ${provider}`;
  return (
    <tr data-provider-key={name}>
      <th scope="row" className="border-t border-line !py-2 align-top !text-[0.8125rem] !whitespace-normal">
        <span className="font-medium text-ink wrap-anywhere">{name}</span>
        <span className="block text-xs font-normal text-ink-soft">{provider}</span>
        <span className="block text-xs font-normal text-ink-soft wrap-anywhere md:hidden">{sentTo}</span>
        <ProblemNotice error={change.error} />
      </th>
      <td className="wrap-anywhere max-md:hidden">{sentTo}</td>
      <td className="max-lg:hidden">
        <Instant iso={providerKey.updated_at} />
      </td>
      <td>
        <Badge tone={active ? "good" : "idle"}>{active ? "Active" : "Off"}</Badge>
      </td>
      <td className="w-px">
        <div className="-my-1 flex flex-wrap justify-end gap-x-1 md:flex-nowrap">
          <button type="button" className="button-quiet" aria-label={`Make a proxy key for ${name}`} onClick={() => onProxy(providerKey)}>
            Proxy key
          </button>
          <BusyButton className="button-quiet" aria-label={`${active ? "Deactivate" : "Activate"} ${name}`} isBusy={change.isPending} onClick={() => change.mutate()}>
            {active ? "Deactivate" : "Activate"}
          </BusyButton>
          <button type="button" className="button-quiet text-bad hover:text-bad" aria-label={`Remove ${name}`} onClick={() => onRemove(providerKey)}>
            Remove
          </button>
        </div>
      </td>
    </tr>
  );
}
