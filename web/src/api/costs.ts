/** What calls cost: sums, prices of one's own, prices computed anew, and a provider's export beside them. */
import type { ApiClient } from "./client";
import type { CostDerivation, CostSummary, FilterNode, PriceOverride, Reconciliation, Repricing, SetPrice } from "./types";

export type CostGrouping = "day" | "model" | "provider" | "cost_status";

const overrideAt = (id: string) => `/v1/cost/overrides/${encodeURIComponent(id)}`;
const repricingAt = (id: string) => `/v1/cost/reprice/${encodeURIComponent(id)}`;

export function summarizeCosts(client: ApiClient, filter: FilterNode, groupBy: readonly CostGrouping[], signal?: AbortSignal): Promise<CostSummary> {
  return client.post("/v1/cost/summary", { filter, group_by: groupBy }, signal);
}

/** Tells how the cost of a call comes about. */
export function deriveCost(client: ApiClient, requestId: string, signal?: AbortSignal): Promise<CostDerivation> {
  return client.get(`/v1/request/${encodeURIComponent(requestId)}/cost`, signal);
}

export function listPriceOverrides(client: ApiClient, signal?: AbortSignal): Promise<PriceOverride[]> {
  return client.get("/v1/cost/overrides", signal);
}

/** Sets a price, or replaces the one of that id as a whole. */
export function savePriceOverride(client: ApiClient, id: string | null, price: SetPrice): Promise<PriceOverride> {
  return id === null ? client.post("/v1/cost/overrides", price) : client.put(overrideAt(id), price);
}

export function removePriceOverride(client: ApiClient, id: string): Promise<void> {
  return client.delete(overrideAt(id));
}

/** Lists the re-pricings since the server started, the last one first. */
export function listRepricings(client: ApiClient, signal?: AbortSignal): Promise<Repricing[]> {
  return client.get("/v1/cost/reprice", signal);
}

/** Has calls priced anew; a dry run only says what would change. */
export function repriceCalls(client: ApiClient, filter: FilterNode, isDryRun: boolean): Promise<Repricing> {
  return client.post("/v1/cost/reprice", { filter, dry_run: isDryRun });
}

/** Has a re-pricing end soon; what it has written stays. */
export function cancelRepricing(client: ApiClient, id: string): Promise<void> {
  return client.delete(repricingAt(id));
}

/** Lays a provider's export of costs beside ours. */
export function reconcileCosts(client: ApiClient, provider: string, exported: string): Promise<Reconciliation> {
  return client.postText(`/v1/cost/reconcile?provider=${encodeURIComponent(provider)}`, exported);
}
