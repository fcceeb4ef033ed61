import { Notice } from "./Notice";
import { Prose } from "./Prose";

interface QueryStateProps {
  /** What is being read: "The keys". */
  what: string;
  query: { isPending: boolean; error: Error | null };
}

/** What stands in place of a list that is not read yet, or could not be. */
export function QueryState({ what, query }: QueryStateProps) {
  if (query.error) {
    return (
      <Notice tone="bad">
        {what} could not be read: <Prose text={query.error.message} />
      </Notice>
    );
  }
  return query.isPending ? <p className="py-8 text-center text-ink-faint">Reading…</p> : null;
}
