/** Links to lists of calls with a filter. */
import type { FilterNode } from "../api/types";
import type { Address } from "../address/address";
import { writeTimeRange, type TimeRange } from "../time/range";
import { allOf, on } from "./node";

/** Returns what stands in the address bar for a filter, and for a range of time where one is given. */
export function searchFor(filter: FilterNode, time?: TimeRange): Address {
  const range = time === undefined ? {} : writeTimeRange(time);
  const set = Object.fromEntries(Object.entries(range).filter(([, value]) => value !== undefined));
  return filter === "all" ? set : { filter: JSON.stringify(filter), ...set };
}

/** Calls whose text column of this name is exactly `value`. */
export function columnIs(column: string, value: string | number | boolean): FilterNode {
  return on({ [column]: { equals: value } });
}

/** Calls that have a property with this value. */
export function propertyIs(key: string, value: string): FilterNode {
  return on({ properties: { [key]: { equals: value } } });
}

/** Returns the search for calls that fit a filter that is in force, and one condition more. */
export function searchWithin(filter: FilterNode, more: FilterNode, time?: TimeRange): Address {
  return searchFor(allOf([filter, more]), time);
}
