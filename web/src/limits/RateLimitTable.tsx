import type { RateLimit } from "../api/types";
import { enableRateLimit } from "../api/rateLimits";
import { useChange } from "../announce/useChange";
import { Badge } from "../components/Badge";
import { BusyButton } from "../components/BusyButton";
import { ProblemNotice } from "../components/ProblemNotice";
import { describePolicy, readPolicy } from "./policy";

interface RateLimitTableProps {
  rules: RateLimit[];
  /** What the keys that rules name are called; a key that is not listed is shown by its id. */
  keyNames: ReadonlyMap<string, string>;
  mayManage: boolean;
  onRemove: (rule: RateLimit) => void;
}

export function RateLimitTable({ rules, keyNames, mayManage, onRemove }: RateLimitTableProps) {
  return (
    <div className="panel overflow-x-auto">
      <table className="list-table">
        <caption className="sr-only">Rate limits, oldest first</caption>
        <thead>
          <tr>
            <th scope="col">Rule</th>
            <th scope="col" className="max-md:hidden">
              Policy
            </th>
            <th scope="col" className="max-md:hidden">
              Calls with
            </th>
            <th scope="col">Status</th>
            {mayManage && (
              <th scope="col">
                <span className="sr-only">Actions</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {rules.map((rule) => (
            <RateLimitRow key={rule.id} rule={rule} keyName={keyNameOf(rule, keyNames)} mayManage={mayManage} onRemove={onRemove} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function keyNameOf({ key_id: id }: RateLimit, keyNames: ReadonlyMap<string, string>): string {
  return id === null ? "all keys" : `the key ${keyNames.get(id) ?? id.slice(0, 8)}`;
}

interface RateLimitRowProps {
  rule: RateLimit;
  keyName: string;
  mayManage: boolean;
  onRemove: (rule: RateLimit) => void;
}

/** One rule. On narrow screens its policy stands under its name. */
function RateLimitRow({ rule, keyName, mayManage, onRemove }: RateLimitRowProps) {
  const policy = readPolicy(rule.policy);
  const { name, is_enabled: isEnabled } = rule;
  const change = useChange({
    make: (client) => enableRateLimit(client, rule.id, !isEnabled),
    told: () => (isEnabled ? `“${name}” limits nothing any more.` : `“${name}” limits calls now.`),
    changes: ["rate-limits"],
  });
  return (
    <tr className={isEnabled ? "" : "text-ink-faint"} data-rule={name}>
      <th scope="row" className="border-t border-line !py-2 align-top !text-[0.8125rem] !whitespace-normal">
        <span className={`font-medium wrap-anywhere ${isEnabled ? "text-ink" : ""}`}>{name}</span>
        {policy && <span className="block text-xs font-normal text-ink-soft">{describePolicy(policy)}</span>}
        <span className="block text-xs font-normal text-ink-soft md:hidden">{keyName}</span>
        <ProblemNotice error={change.error} />
      </th>
      <td className="font-mono wrap-anywhere max-md:hidden">{rule.policy}</td>
      <td className="max-md:hidden">{keyName}</td>
      <td>
        <Badge tone={isEnabled ? "good" : "idle"}>{isEnabled ? "In force" : "Off"}</Badge>
      </td>
      {mayManage && (
        <td className="w-px">
          <div className="-my-1 flex flex-wrap justify-end gap-x-1 sm:flex-nowrap">
            <BusyButton className="button-quiet" aria-label={`${isEnabled ? "Disable" : "Enable"} ${name}`} isBusy={change.isPending} onClick={() => change.mutate()}>
              {isEnabled ? "Disable" : "Enable"}
            </BusyButton>
            <button type="button" className="button-quiet text-bad hover:text-bad" aria-label={`Remove ${name}`} onClick={() => onRemove(rule)}>
              Remove
            </button>
          </div>
        </td>
      )}
    </tr>
  );
}
