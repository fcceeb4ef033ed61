/** The pieces of the API's filter. */
import type { FilterBranch, FilterColumns, FilterNode } from "../api/types";

/** The table of calls. */
export const CALLS = "request_response_rmt";

/** Returns a condition on calls. */
export function on(columns: FilterColumns): FilterNode {
  return { [CALLS]: columns };
}

/** Returns what holds where all of `nodes` do. */
export function allOf(nodes: readonly FilterNode[]): FilterNode {
  return nodes
    .filter((node) => node !== "all")
    .reduce<FilterNode>((left, right) => (left === "all" ? right : { left, operator: "and", right }), "all");
}

/** Returns what holds where one of `nodes` does; everything when there is none. */
export function anyOf(nodes: readonly FilterNode[]): FilterNode {
  return nodes.includes("all") || nodes.length === 0 ? "all" : nodes.reduce((left, right) => ({ left, operator: "or", right }));
}

/** Says whether a filter is two joined ones. */
export function isBranch(node: FilterNode): node is FilterBranch {
  return typeof node === "object" && "left" in node && "right" in node && "operator" in node;
}

/** Returns what holds for the calls that began in an interval. */
export function between(startMs: number | null, endMs: number | null): FilterNode {
  const nodes: FilterNode[] = [];
  if (startMs !== null) nodes.push(on({ request_created_at: { gte: new Date(startMs).toISOString() } }));
  if (endMs !== null) nodes.push(on({ request_created_at: { lte: new Date(endMs).toISOString() } }));
  return allOf(nodes);
}

/** Calls that ended well. */
export const SUCCEEDED: FilterNode = allOf([on({ status: { gte: 200 } }), on({ status: { lt: 400 } })]);
/** Calls that did not; statuses of our own (cancelled, timed out) are negative. */
export const FAILED: FilterNode = anyOf([on({ status: { gte: 400 } }), on({ status: { lt: 200 } })]);
