import { Link } from "@tanstack/react-router";
import type { HeliconeRequest } from "../api/types";
import { FigureText } from "../components/FigureText";
import { formatUsd } from "../format/money";
import { count, duration } from "../format/numbers";
import { known, unknown } from "../format/unknown";
import { FactList, type Fact } from "./FactList";
import { Facts } from "./Facts";

const SOURCES: Record<string, string> = {
  manual: "logged by the application, not called through the gateway",
  trace: "a span of a trace, not called through the gateway",
};

type Handled = Pick<HeliconeRequest, "source" | "cache" | "rate_limit" | "guards" | "threat" | "proxy_key_id" | "fallback_index">;

interface HandlingFactsProps {
  request: Handled;
}

/** What the gateway did with the call: cache, limits, guards and keys; nothing where it only passed it on. */
export function HandlingFacts({ request }: HandlingFactsProps) {
  const { cache, rate_limit: limit, fallback_index: fallback } = request;
  const facts: Fact[] = [
    { name: "Source", value: SOURCES[request.source] },
    ...(cache ? cacheFacts(cache) : []),
    { name: "Rate limit", value: limit && describeLimit(limit) },
    { name: "Policy", value: limit?.policy && <code className="font-mono">{limit.policy}</code> },
    { name: "Policy not applied", value: limit?.error },
    ...request.guards.map((guard) => ({ name: `Guard ${guard.name}`, value: describeGuard(guard) })),
    { name: "Threat", value: request.threat === null ? null : request.threat ? "found" : "none found" },
    { name: "Fallback", value: fallback === null ? null : `target ${fallback + 1} answered` },
    { name: "Proxy key", value: request.proxy_key_id && <code className="font-mono">{request.proxy_key_id}</code> },
  ];
  if (facts.every(({ value }) => !value)) return null;
  return (
    <Facts title="What the gateway did">
      <FactList facts={facts} />
    </Facts>
  );
}

type Cache = NonNullable<Handled["cache"]>;

function cacheFacts(cache: Cache): Fact[] {
  if (cache.status !== "hit") return [{ name: "Cache", value: "miss" }];
  const untold = "the original answer does not say";
  const saved = (value: number | null) => <FigureText figure={count(value, untold)} />;
  return [
    { name: "Cache", value: cache.bucket_index === null ? "hit" : `hit, slot ${cache.bucket_index}` },
    {
      name: "Original",
      value: cache.reference_id && (
        <Link to="/requests/$requestId" params={{ requestId: cache.reference_id }} className="font-mono text-accent hover:underline" title="The call whose answer was given again">
          {cache.reference_id.slice(0, 8)}
        </Link>
      ),
    },
    { name: "Time saved", value: <FigureText figure={duration(cache.saved_ms, "the original call's duration is not known")} /> },
    {
      name: "Cost saved",
      value: <FigureText figure={cache.saved_cost_usd === null ? unknown("the original answer's cost is not known") : known(formatUsd(cache.saved_cost_usd))} />,
    },
    { name: "Tokens in saved", value: saved(cache.saved_prompt_tokens) },
    { name: "Tokens out saved", value: saved(cache.saved_completion_tokens) },
  ];
}

function describeLimit({ status, policy }: NonNullable<Handled["rate_limit"]>): string {
  if (status === "refused") return "refused";
  return status === "error" && !policy ? "passed without a limit" : "passed";
}

function describeGuard({ is_denied: denied, reason, kind }: Handled["guards"][number]): string {
  const verdict = denied ? "refused" : reason === null ? "passed" : "not asked";
  return `${verdict} (${kind})${reason ? `: ${reason}` : ""}`;
}
