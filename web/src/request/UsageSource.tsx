import { Link } from "@tanstack/react-router";
import type { HeliconeRequest } from "../api/types";

const MEANINGS: Record<string, string> = {
  provider: "the provider's own counts",
  cache: "an answer out of the cache uses nothing",
  mapped: "the provider's own counts, read by a mapping",
  none: "nothing was counted",
};

interface UsageSourceProps {
  request: Pick<HeliconeRequest, "usage_source" | "mapper_id" | "mapper_version">;
}

/** Where a call's token counts come from, and the mapping that read them. */
export function UsageSource({ request: { usage_source: source, mapper_id: mapperId, mapper_version: version } }: UsageSourceProps) {
  return (
    <>
      <span title={MEANINGS[source]}>{source}</span>
      {mapperId && (
        <Link to="/mappers/$mapperId" params={{ mapperId }} className="block text-accent hover:underline">
          by version {version} of a mapping
        </Link>
      )}
    </>
  );
}
