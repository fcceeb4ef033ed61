import { Notice } from "./Notice";
import { Prose } from "./Prose";

interface QueryStateProps {
  /** What is being read: "The keys". */
  what: string;
  query: { isPending: boolean; error: Error | null; refetch?: () => unknown };
}

/** What stands in place of a list that is not read yet, or could not be; then it can be read again. */
export function QueryState({ what, query }: QueryStateProps) {
  if (query.error) {
    return (
      <Notice tone="bad">
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <span className="min-w-0 wrap-anywhere">
            {what} could not be read: <Prose text={query.error.message} />
          </span>
          {query.refetch && (
            <button type="button" className="font-medium underline" onClick={() => void query.refetch?.()}>
              Try again
            </button>
          )}
        </span>
      </Notice>
    );
  }
  return query.isPending ? <p className="py-8 text-center text-ink-faint">Reading…</p> : null;
}
