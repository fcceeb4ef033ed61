import { Link } from "@tanstack/react-router";
import { addressOf, type RequestSearch } from "../filter/search";

interface FilterLinkProps {
  search: RequestSearch;
  text: string;
}

/** A value that leads to all requests that share it. */
export function FilterLink({ search, text }: FilterLinkProps) {
  return (
    <Link to="/requests" search={addressOf(search)} className="inline-block min-w-6 text-accent hover:underline" title="Show all requests with this value">
      {text}
    </Link>
  );
}
