import type { ProxyKey } from "../api/types";
import { Badge } from "../components/Badge";
import { Instant } from "../components/Instant";
import { STANDINGS, standingOf } from "../keys/standing";
import { describeLimit } from "./limits";

interface ProxyKeyTableProps {
  keys: ProxyKey[];
  /** What the provider keys are called; one that was removed is not among them. */
  providerNames: ReadonlyMap<string, string>;
  /** When the keys were read, in milliseconds. */
  now: number;
  onRevoke: (key: ProxyKey) => void;
}

export function ProxyKeyTable({ keys, providerNames, now, onRevoke }: ProxyKeyTableProps) {
  return (
    <div className="panel overflow-x-auto">
      <table className="list-table">
        <caption className="sr-only">Proxy keys, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col" className="max-md:hidden">
              Stands for
            </th>
            <th scope="col" className="max-md:hidden">
              Limits
            </th>
            <th scope="col" className="max-lg:hidden">
              Last used
            </th>
            <th scope="col" className="max-lg:hidden">
              Expires
            </th>
            <th scope="col">Status</th>
            <th scope="col">
              <span className="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <ProxyKeyRow key={key.id} proxyKey={key} providerName={providerNames.get(key.provider_key_id) ?? "a key that was removed"} now={now} onRevoke={onRevoke} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface ProxyKeyRowProps {
  proxyKey: ProxyKey;
  providerName: string;
  now: number;
  onRevoke: (key: ProxyKey) => void;
}

/** One proxy key. On narrow screens what it stands for and its limits stand under its name. */
function ProxyKeyRow({ proxyKey, providerName, now, onRevoke }: ProxyKeyRowProps) {
  const standing = standingOf(proxyKey, now);
  const isRevoked = standing === "revoked";
  const name = proxyKey.proxy_key_name;
  const limits = proxyKey.limits.length === 0 ? "none" : proxyKey.limits.map(describeLimit).join(", ");
  return (
    <tr className={isRevoked ? "text-ink-faint" : ""} data-proxy-key={name}>
      <th scope="row" className="border-t border-line !py-2 align-top !text-[0.8125rem] !whitespace-normal">
        <span className={`font-medium wrap-anywhere ${isRevoked ? "" : "text-ink"}`}>{name}</span>
        <span className="block text-xs font-normal text-ink-soft md:hidden">
          {providerName}; limits: {limits}
        </span>
      </th>
      <td className="wrap-anywhere max-md:hidden">{providerName}</td>
      <td className="max-md:hidden">{limits}</td>
      <td className="max-lg:hidden">{proxyKey.last_used_at === null ? "Never" : <Instant iso={proxyKey.last_used_at} />}</td>
      <td className="max-lg:hidden">{proxyKey.expires_at === null ? "Never" : <Instant iso={proxyKey.expires_at} />}</td>
      <td>
        <Badge tone={STANDINGS[standing].tone}>{STANDINGS[standing].text}</Badge>
      </td>
      <td className="w-px">
        {!isRevoked && (
          <button type="button" className="button-quiet -my-1 text-bad hover:text-bad" aria-label={`Revoke ${name}`} onClick={() => onRevoke(proxyKey)}>
            Revoke
          </button>
        )}
      </td>
    </tr>
  );
}
