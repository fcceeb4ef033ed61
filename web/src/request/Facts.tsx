import { useId, type ReactNode } from "react";

interface FactsProps {
  title: string;
  children: ReactNode;
}

/** A titled group of facts about a request. */
export function Facts({ title, children }: FactsProps) {
  const headingId = useId();
  return (
    <section aria-labelledby={headingId} className="border-t border-line px-4 py-3 first:border-t-0">
      <h2 id={headingId} className="mb-2 text-xs font-semibold text-ink-faint">
        {title}
      </h2>
      {children}
    </section>
  );
}
