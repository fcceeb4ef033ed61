interface TableSkeletonProps {
  /** What is being read: "The sessions". */
  what: string;
  rows?: number;
}

/** Stands where a table will be, as high as its rows, so that nothing moves when they come. */
export function TableSkeleton({ what, rows = 8 }: TableSkeletonProps) {
  return (
    <div className="panel" role="status">
      <span className="sr-only">{what} is being read…</span>
      <div aria-hidden="true">
        <div className="h-[1.875rem]" />
        {Array.from({ length: rows }, (_, index) => (
          <div key={index} className="flex h-[2.1875rem] items-center gap-6 border-t border-line px-4">
            <span className="h-2.5 rounded bg-raised" style={{ width: `${22 + ((index * 7) % 14)}%` }} />
            <span className="ml-auto h-2.5 w-12 rounded bg-raised" />
            <span className="h-2.5 w-14 rounded bg-raised max-sm:hidden" />
            <span className="h-2.5 w-10 rounded bg-raised max-md:hidden" />
          </div>
        ))}
      </div>
    </div>
  );
}
