import type { ReactNode } from "react";

interface FactListProps {
  facts: readonly Fact[];
}

export interface Fact {
  name: string;
  value: ReactNode;
}

/** Names and values; a fact without a value is left out. */
export function FactList({ facts }: FactListProps) {
  const shown = facts.filter(({ value }) => value !== null && value !== undefined && value !== "");
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 text-[0.8125rem] leading-6">
      {shown.map(({ name, value }, index) => (
        <div key={`${index} ${name}`} className="contents">
          <dt className="text-ink-soft">{name}</dt>
          <dd className="text-right wrap-anywhere">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
