/** Conditions under plain names in the address bar, such as `user=ana&status=errors`: short to write, and in older links. */
import type { FilterNode } from "../api/types";
import { firstOf, type Address } from "../address/address";
import { allOf, FAILED, on, SUCCEEDED } from "./node";
import { parseProperty } from "./property";

const HIT = on({ cached: { equals: true } });
const MISS = allOf([on({ cache_enabled: { equals: true } }), on({ cached: { equals: false } })]);

const MEANINGS = {
  status: (value: string) => (value === "success" ? SUCCEEDED : value === "errors" ? FAILED : "all"),
  cache: (value: string) => (value === "hit" ? HIT : value === "miss" ? MISS : "all"),
  model: (value: string) => on({ model: { contains: value } }),
  provider: (value: string) => on({ provider: { contains: value } }),
  user: (value: string) => on({ user_id: { equals: value } }),
  request: (value: string) => on({ request_id: { equals: value } }),
} as const satisfies Record<string, (value: string) => FilterNode>;

/** All of the plain names. */
export const PLAIN_NAMES: readonly string[] = [...Object.keys(MEANINGS), "property"];

/** Reads what stands under the plain names; what is not understood is no condition. */
export function plainFilter(address: Address): FilterNode {
  const single = Object.entries(MEANINGS).map(([name, meaning]) => {
    const value = firstOf(address[name])?.trim();
    return value ? meaning(value) : "all";
  });
  const properties = [address["property"] ?? []].flat().map(parseProperty).filter((property) => property !== null);
  return allOf([...single, ...properties.map(({ key, value }) => on({ properties: { [key]: { equals: value } } }))]);
}
