import type { Domain } from "../api/types";
import { CopyButton } from "../components/CopyButton";

interface DomainRecordProps {
  record: Domain["record"];
}

/** The DNS record that approves a domain, to copy piece by piece. */
export function DomainRecord({ record }: DomainRecordProps) {
  const pieces = [
    { name: "Name", text: record.name },
    { name: "Type", text: record.type },
    { name: "Value", text: record.value },
  ];
  return (
    <dl aria-label={`DNS record for ${record.name}`} className="grid grid-cols-[auto_minmax(0,1fr)] items-center rounded-md border border-line bg-raised text-[0.8125rem]">
      {pieces.map(({ name, text }) => (
        <div key={name} className="col-span-2 grid grid-cols-subgrid items-center border-line px-3 py-1 not-first:border-t">
          <dt className="pr-4 text-xs text-ink-soft">{name}</dt>
          <dd className="flex items-center justify-between gap-2">
            <code className="font-mono wrap-anywhere">{text}</code>
            <CopyButton label={`Copy record ${name.toLowerCase()}`} text={() => text} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
