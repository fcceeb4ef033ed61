import { Link } from "@tanstack/react-router";
import { FirstCall } from "../dashboard/FirstCall";

interface EmptyListProps {
  filtered: boolean;
}

/** What stands where the rows would be: the first call to make, or the way out of filters that match nothing. */
export function EmptyList({ filtered }: EmptyListProps) {
  if (filtered) {
    return (
      <div className="panel grid place-items-center gap-3 px-4 py-16 text-center">
        <h2 className="font-semibold">No request matches these filters</h2>
        <Link to="/requests" className="button">
          Clear filters
        </Link>
      </div>
    );
  }
  return <FirstCall />;
}
