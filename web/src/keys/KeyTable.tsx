import type { ApiKey } from "../api/types";
import { Badge } from "../components/Badge";
import { Instant } from "../components/Instant";
import { Tag } from "../components/Tag";
import { describePermissions } from "./permissions";
import { STANDINGS, standingOf } from "./standing";

export type KeyAction = "rename" | "revoke";

interface KeyTableProps {
  keys: ApiKey[];
  /** The id of the key of this session. */
  ownId: string | null;
  /** When the keys were read, in milliseconds. */
  now: number;
  onAction: (action: KeyAction, key: ApiKey) => void;
}

export function KeyTable({ keys, ownId, now, onAction }: KeyTableProps) {
  return (
    <div className="panel overflow-x-auto">
      <table className="list-table">
        <caption className="sr-only">API keys, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col" className="max-lg:hidden">
              Permissions
            </th>
            <th scope="col" className="max-lg:hidden">
              Created
            </th>
            <th scope="col" className="max-md:hidden">
              Last used
            </th>
            <th scope="col" className="max-md:hidden">
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
            <KeyRow key={key.id} apiKey={key} isOwn={key.id === ownId} now={now} onAction={onAction} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface KeyRowProps {
  apiKey: ApiKey;
  isOwn: boolean;
  now: number;
  onAction: KeyTableProps["onAction"];
}

/** One key. On narrow screens its permissions and last use stand under its name. */
export function KeyRow({ apiKey, isOwn, now, onAction }: KeyRowProps) {
  const standing = standingOf(apiKey, now);
  const { text, tone } = STANDINGS[standing];
  const isRevoked = standing === "revoked";
  const name = apiKey.api_key_name;
  return (
    <tr className={isRevoked ? "text-ink-faint" : ""} data-key={name}>
      <th scope="row" className="border-t border-line !py-2 align-top !text-[0.8125rem] !whitespace-normal">
        <span className={`font-medium wrap-anywhere ${isRevoked ? "" : "text-ink"}`}>{name}</span>{" "}
        {isOwn && <Tag text="signed in" />} {apiKey.governance && <Tag text="administrator" />}
        <span className="block text-xs font-normal text-ink-soft lg:hidden">{describePermissions(apiKey.key_permissions)}</span>
        <span className="block text-xs font-normal text-ink-soft md:hidden">
          <LastUsed apiKey={apiKey} />
        </span>
      </th>
      <td className="max-lg:hidden">{describePermissions(apiKey.key_permissions)}</td>
      <td className="max-lg:hidden">
        <Instant iso={apiKey.created_at} />
      </td>
      <td className="max-md:hidden">{apiKey.last_used_at === null ? "Never" : <Instant iso={apiKey.last_used_at} />}</td>
      <td className="max-md:hidden">{apiKey.expires_at === null ? "Never" : <Instant iso={apiKey.expires_at} />}</td>
      <td>
        <Badge tone={tone}>{text}</Badge>
      </td>
      <td className="w-px">
        {!isRevoked && (
          <div className="-my-1 flex flex-wrap justify-end gap-x-1 sm:flex-nowrap">
            <button type="button" className="button-quiet" aria-label={`Rename ${name}`} onClick={() => onAction("rename", apiKey)}>
              Rename
            </button>
            <button type="button" className="button-quiet text-bad hover:text-bad" aria-label={`Revoke ${name}`} onClick={() => onAction("revoke", apiKey)}>
              Revoke
            </button>
          </div>
        )}
      </td>
    </tr>
  );
}

function LastUsed({ apiKey }: { apiKey: ApiKey }) {
  if (apiKey.last_used_at === null) return "Never used";
  return (
    <>
      Last used <Instant iso={apiKey.last_used_at} />
    </>
  );
}
