import { Link } from "@tanstack/react-router";
import type { HeliconeRequest } from "../api/types";
import { mapperOf, pendingMapper } from "../mappers/pending";
import { useMappersOf } from "../mappers/useMappersOf";

const MEANINGS: Record<string, string> = {
  provider: "the provider's own counts",
  cache: "an answer out of the cache uses nothing",
  mapped: "the provider's own counts, read by a mapping",
  none: "nothing was counted",
};

interface UsageSourceProps {
  request: HeliconeRequest;
}

/** Where a call's token counts come from, and the mapping that they come by or wait for. */
export function UsageSource({ request }: UsageSourceProps) {
  const mappers = useMappersOf([request]);
  const { usage_source: source } = request;
  const mapper = source === "mapped" ? mapperOf(request, mappers) : pendingMapper(request, mappers);
  return (
    <>
      <span title={MEANINGS[source]}>{source}</span>
      {mapper && (
        <Link to="/mappers/$mapperId" params={{ mapperId: mapper.id }} className="block text-accent hover:underline">
          {source === "mapped" ? "by a mapping" : "Model is pending mapping"}
        </Link>
      )}
    </>
  );
}
