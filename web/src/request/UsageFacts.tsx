import { Link } from "@tanstack/react-router";
import type { HeliconeRequest } from "../api/types";
import { FigureText } from "../components/FigureText";
import { costOf } from "../format/money";
import { count } from "../format/numbers";
import { tokensIn, tokensOut } from "../format/tokens";
import { explainTokens } from "../format/unknown";
import { PENDING_MAPPING } from "../requests/handled";
import { CostFacts } from "./CostFacts";
import { FactList, type Fact } from "./FactList";
import { Facts } from "./Facts";
import { UsageSource } from "./UsageSource";

interface UsageFactsProps {
  request: HeliconeRequest;
}

/** Tokens and cost, each with its reason when unknown. */
export function UsageFacts({ request }: UsageFactsProps) {
  const reason = explainTokens(request);
  const tokens = (value: number | null | undefined) => <FigureText figure={count(value, reason)} />;
  const parts = (values: [string, number | null | undefined][]): Fact[] =>
    values.filter(([, value]) => value).map(([name, value]) => ({ name: `of which ${name}`, value: tokens(value) }));
  const facts: Fact[] = [
    { name: "Tokens in", value: tokens(tokensIn(request)) },
    ...parts([
      ["read from cache", request.prompt_cache_read_tokens],
      ["written to cache", request.prompt_cache_write_tokens],
      ["audio", request.prompt_audio_tokens],
    ]),
    { name: "Tokens out", value: tokens(tokensOut(request)) },
    ...parts([
      ["reasoning", request.reasoning_tokens],
      ["audio", request.completion_audio_tokens],
    ]),
    { name: "Tokens in all", value: tokens(request.total_tokens) },
    { name: "Usage source", value: <UsageSource request={request} /> },
    { name: "Cost", value: <FigureText figure={costOf(request)} /> },
    { name: "Cost status", value: request.cost_status },
  ];
  return (
    <>
      <Facts title="Usage and cost">
        <FactList facts={facts} />
        {request.usage_hint && (
          <p className="mt-2 text-xs text-ink-soft">
            No counts:{" "}
            {request.usage_hint === PENDING_MAPPING ? (
              <Link to="/mappers" className="text-accent hover:underline">
                {PENDING_MAPPING}
              </Link>
            ) : (
              request.usage_hint
            )}
            .
          </p>
        )}
      </Facts>
      <CostFacts request={request} />
    </>
  );
}
