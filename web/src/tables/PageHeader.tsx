import type { ReactNode } from "react";

interface PageHeaderProps {
  title: string;
  /** What is known in a word or two, beside the title. */
  note?: ReactNode;
  /** What can be done with the page: its range of time, its filter. */
  children?: ReactNode;
}

/** The first line of a page. */
export function PageHeader({ title, note, children }: PageHeaderProps) {
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
      <h1 className="line-clamp-3 text-lg font-semibold tracking-tight wrap-anywhere" title={title}>
        {title}
      </h1>
      {note && <p className="text-ink-soft tabular-nums">{note}</p>}
      <div className="flex min-w-0 flex-wrap items-center gap-2 max-sm:has-[input]:w-full sm:ml-auto">{children}</div>
    </div>
  );
}
