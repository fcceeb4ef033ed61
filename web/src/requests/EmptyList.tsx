import { Link } from "@tanstack/react-router";
import { firstCall, guessGateway } from "../body/curl";
import { Snippet } from "../components/Snippet";

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
  const gateway = guessGateway(window.location);
  return (
    <div className="panel mx-auto grid max-w-3xl gap-4 px-4 py-10 sm:px-8">
      <h2 className="text-base font-semibold">No requests yet. Make the first call</h2>
      <p className="text-ink-soft">
        Send any provider call to the gateway instead, name the provider's address in <code className="font-mono text-ink">Helicone-Target-Url</code> and your Gatehouse key
        in <code className="font-mono text-ink">Helicone-Auth</code>. It appears here a second after it ends.
      </p>
      <Snippet label="first call with curl" text={firstCall(gateway)} />
      <p className="text-xs text-ink-soft">
        <code className="font-mono">{gateway}</code> is where a default installation listens; use your own gateway address if it differs.
      </p>
    </div>
  );
}
