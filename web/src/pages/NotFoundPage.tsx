import { Link } from "@tanstack/react-router";
import { usePageTitle } from "../components/usePageTitle";

export function NotFoundPage() {
  usePageTitle("Not found");
  return (
    <div className="grid place-items-center gap-3 py-24 text-center">
      <h1 className="text-lg font-semibold">There is no page at this address</h1>
      <Link to="/requests" className="button">
        Go to the requests
      </Link>
    </div>
  );
}
