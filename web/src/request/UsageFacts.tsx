import type { HeliconeRequest } from "../api/types";
import { FigureText } from "../components/FigureText";
import { costOf } from "../format/money";
import { count } from "../format/numbers";
import { explainCost, explainTokens } from "../format/unknown";
import { FactList, type Fact } from "./FactList";
import { Facts } from "./Facts";

interface UsageFactsProps {
  request: HeliconeRequest;
}

/** Tokens and cost, each with its reason when unknown. */
export function UsageFacts({ request }: UsageFactsProps) {
  const reason = explainTokens(request);
  const tokens = (value: number | null | undefined) => <FigureText figure={count(value, reason)} />;
  const cost = costOf(request);
  const details: [string, number | null | undefined][] = [
    ["of which read from cache", request.prompt_cache_read_tokens],
    ["of which written to cache", request.prompt_cache_write_tokens],
    ["of which audio in", request.prompt_audio_tokens],
    ["of which audio out", request.completion_audio_tokens],
    ["of which reasoning", request.reasoning_tokens],
  ];
  const facts: Fact[] = [
    { name: "Tokens in", value: tokens(request.prompt_tokens) },
    { name: "Tokens out", value: tokens(request.completion_tokens) },
    { name: "Tokens in all", value: tokens(request.total_tokens) },
    ...details.filter(([, value]) => typeof value === "number").map(([name, value]) => ({ name, value: tokens(value) })),
    { name: "Usage source", value: request.usage_source },
    { name: "Cost", value: <FigureText figure={cost} /> },
    { name: "Cost status", value: request.cost_status },
  ];
  return (
    <Facts title="Usage and cost">
      <FactList facts={facts} />
      {!cost.known && <p className="mt-2 text-xs text-ink-soft">No cost: {explainCost(request.cost_status)}.</p>}
    </Facts>
  );
}
