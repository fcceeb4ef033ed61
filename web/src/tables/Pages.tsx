import { describePage } from "./sorting";

interface PagesProps {
  page: number;
  size: number;
  shown: number;
  /** How many rows there are; null while that is not known. */
  total: number | null;
  onChange: (page: number) => void;
}

/** Steps through the pages of a table; nothing where there is one only. */
export function Pages({ page, size, shown, total, onChange }: PagesProps) {
  const isLast = total === null ? shown < size : page * size >= total;
  if (page === 1 && isLast) return null;
  return (
    <nav aria-label="Pages" className="flex flex-wrap items-center justify-end gap-2 text-[0.8125rem] text-ink-soft">
      <span className="tabular-nums">{total !== null && describePage(page, size, shown, total)}</span>
      <button type="button" className="button" disabled={page === 1} onClick={() => onChange(page - 1)}>
        ← Previous
      </button>
      <button type="button" className="button" disabled={isLast} onClick={() => onChange(page + 1)}>
        Next →
      </button>
    </nav>
  );
}
