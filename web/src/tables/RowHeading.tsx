import type { ReactNode } from "react";

interface RowHeadingProps {
  className?: string;
  children: ReactNode;
}

/** The cell that names a row. It looks like the others. */
export function RowHeading({ className = "", children }: RowHeadingProps) {
  return (
    <th scope="row" className={`border-t border-line align-top !text-[0.8125rem] !font-normal !whitespace-normal !text-ink ${className}`}>
      {children}
    </th>
  );
}
