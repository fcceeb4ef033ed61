import { describePage } from "./sorting";

interface PagesProps {
  page: number;
  size: number;
  shown: number;
  total: number;
  onChange: (page: number) => void;
}

/** Steps through the pages of a table; nothing where there is one only. */
export function Pages({ page, size, shown, total, onChange }: PagesProps) {
  if (page === 1 && total <= size) return null;
  const isLast = page * size >= total;
  return (
    <nav aria-label="Pages" className="flex flex-wrap items-center justify-end gap-2 text-[0.8125rem] text-ink-soft">
      <span className="tabular-nums">{describePage(page, size, shown, total)}</span>
      <button type="button" className="button" disabled={page === 1} onClick={() => onChange(page - 1)}>
        ← Previous
      </button>
      <button type="button" className="button" disabled={isLast} onClick={() => onChange(page + 1)}>
        Next →
      </button>
    </nav>
  );
}
