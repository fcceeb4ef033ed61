/** Where a search found its text. */
import type { HeliconeRequest } from "../api/types";
import type { CallColumn } from "./columns";

export interface Snippet {
  /** In which body. */
  side: "request" | "response";
  before: string;
  found: string;
  behind: string;
}

/** A request that was found, and where. */
export type Found = HeliconeRequest & { snippet?: Snippet | null };

/** The column that takes the place of both previews while something is searched for. */
export const SNIPPET_COLUMN: CallColumn = {
  name: "snippet",
  heading: "Found",
  width: 330,
  cell: (request) => <Around snippet={(request as Found).snippet ?? null} />,
};

function Around({ snippet }: { snippet: Snippet | null }) {
  if (snippet === null) return null;
  const { side, before, found, behind } = snippet;
  return (
    // The end of what comes before is nearer to what was found than its beginning.
    <span className="flex min-w-0" title={`${before}${found}${behind}`}>
      <span className="shrink-0 pr-2 text-ink-faint">{side === "request" ? "asked" : "answered"}</span>
      <span className="max-w-2/5 shrink-0 truncate whitespace-pre text-ink-soft [direction:rtl]">
        <bdi>{before}</bdi>
      </span>
      <mark className="rounded-xs bg-warn-wash whitespace-pre text-warn">{found}</mark>
      <span className="min-w-0 truncate whitespace-pre text-ink-soft">{behind}</span>
    </span>
  );
}
