import { useId, type ReactNode } from "react";

interface SectionProps {
  title: string;
  /** What it is about, in a sentence or two. */
  lead: ReactNode;
  /** What can be done with the whole of it. */
  action?: ReactNode;
  children: ReactNode;
}

/** A part of a page under its own heading. */
export function Section({ title, lead, action, children }: SectionProps) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="flex flex-col gap-3">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-72">
          <h2 id={id} className="text-base font-semibold tracking-tight">
            {title}
          </h2>
          <p className="max-w-3xl text-ink-soft">{lead}</p>
        </div>
        {action}
      </div>
      {children}
    </section>
  );
}
