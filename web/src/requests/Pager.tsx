import { Link } from "@tanstack/react-router";
import type { HeliconeRequest } from "../api/types";
import { addressOf, type RequestSearch } from "../filter/search";
import { firstPage, isFirstPage, newerPage, olderPage, PAGE_SIZE } from "./paging";

interface PagerProps {
  search: RequestSearch;
  rows: HeliconeRequest[];
}

/** Steps through the pages in time. */
export function Pager({ search, rows }: PagerProps) {
  const newest = rows[0];
  const hasOlder = rows.length === PAGE_SIZE && newest !== undefined;
  const hasNewer = !isFirstPage(search);
  if (!hasOlder && !hasNewer) return null;
  return (
    <nav aria-label="Pages" className="flex flex-wrap justify-center gap-2 py-4">
      <PageLink text="Latest" search={hasNewer ? firstPage(search) : null} />
      <PageLink text="← Newer" search={hasNewer ? newerPage(search) : null} />
      <PageLink text="Older →" search={hasOlder ? olderPage(search, newest) : null} />
    </nav>
  );
}

interface PageLinkProps {
  text: string;
  search: RequestSearch | null;
}

function PageLink({ text, search }: PageLinkProps) {
  if (search === null) {
    return (
      <span className="button opacity-45 hover:bg-surface" aria-disabled="true">
        {text}
      </span>
    );
  }
  return (
    <Link to="/requests" search={addressOf(search)} className="button">
      {text}
    </Link>
  );
}
