import type { AuditEntry } from "../api/types";
import { CopyButton } from "../components/CopyButton";
import { Instant } from "../components/Instant";
import { describeAction, describeActor } from "./describe";

interface AuditTableProps {
  entries: AuditEntry[];
}

export function AuditTable({ entries }: AuditTableProps) {
  return (
    <div className="panel overflow-x-auto">
      <table className="list-table">
        <caption className="sr-only">Changes, newest first</caption>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col" className="max-sm:hidden">
              Who
            </th>
            <th scope="col">What</th>
            <th scope="col" className="max-sm:hidden">
              Detail
            </th>
            <th scope="col" className="max-lg:hidden">
              Subject
            </th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <AuditRow key={entry.id} entry={entry} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** One change. On narrow screens who and detail stand under what was done. */
function AuditRow({ entry }: { entry: AuditEntry }) {
  const who = describeActor(entry.actor);
  return (
    <tr>
      <td className="whitespace-nowrap text-ink-soft">
        <Instant iso={entry.at} />
      </td>
      <td className="min-w-28 wrap-break-word max-sm:hidden">{who}</td>
      <td>
        <span className="font-medium sm:whitespace-nowrap" title={entry.action}>
          {describeAction(entry.action)}
        </span>
        <span className="block text-ink-soft wrap-anywhere sm:hidden">{entry.detail}</span>
        <span className="block text-xs text-ink-soft wrap-anywhere sm:hidden">by {who}</span>
      </td>
      <td className="w-full text-ink-soft wrap-anywhere max-sm:hidden">{entry.detail}</td>
      <td className="max-lg:hidden">
        <span className="-my-1 flex items-center font-mono text-xs text-ink-soft" title={entry.subject}>
          {entry.subject.slice(0, 8)}
          <CopyButton label={`Copy subject ${entry.subject}`} text={() => entry.subject} />
        </span>
      </td>
    </tr>
  );
}
