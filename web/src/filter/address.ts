/** The filter in the address bar: JSON under `filter`, and the plain names of older links. */
import type { FilterNode } from "../api/types";
import { firstOf, type Address } from "../address/address";
import { allOf, isBranch } from "./node";
import { PLAIN_NAMES, plainFilter } from "./plain";

/** How deep a filter of an address is read; the API takes no deeper one. */
const MAX_DEPTH = 64;

/** Reads the filter; what is no filter counts as none. */
export function readFilter(address: Address): FilterNode {
  return allOf([parseFilter(firstOf(address["filter"])), plainFilter(address)]);
}

/** Writes a filter for the address bar, in the place of any that is there, under plain names too. */
export function writeFilter(filter: FilterNode): Address {
  const none = Object.fromEntries(PLAIN_NAMES.map((name) => [name, undefined]));
  return { ...none, filter: filter === "all" ? undefined : JSON.stringify(filter) };
}

/** Reads a filter that was written as JSON. */
export function parseFilter(text: string | undefined): FilterNode {
  if (text === undefined) return "all";
  try {
    const value: unknown = JSON.parse(text);
    return isFilter(value, 0) ? value : "all";
  } catch {
    return "all";
  }
}

/** Says whether a value has the shape of a filter; whether its names are known the API says. */
function isFilter(value: unknown, depth: number): value is FilterNode {
  if (value === "all") return true;
  if (typeof value !== "object" || value === null || Array.isArray(value) || depth > MAX_DEPTH) return false;
  const node = value as FilterNode;
  if (isBranch(node)) return ["and", "or"].includes(node.operator) && isFilter(node.left, depth + 1) && isFilter(node.right, depth + 1);
  return Object.values(value).every((columns) => typeof columns === "object" && columns !== null);
}
