import { firstOf, type Address } from "../address/address";

export type Direction = "asc" | "desc";

/** By what a table is sorted, and which way. */
export interface Sorting<Name extends string> {
  by: Name;
  direction: Direction;
}

/** Reads `sort=cost`, or `sort=-cost` for the largest first; anything else is `fallback`. */
export function readSorting<Name extends string>(address: Address, names: readonly Name[], fallback: Sorting<Name>): Sorting<Name> {
  const text = firstOf(address["sort"]) ?? "";
  const isDescending = text.startsWith("-");
  const by = names.find((known) => known === text.slice(isDescending ? 1 : 0));
  return by === undefined ? fallback : { by, direction: isDescending ? "desc" : "asc" };
}

/** Returns what a click on a heading sorts by: the other way where it is in force already, the largest first otherwise. */
export function sortedBy<Name extends string>(now: Sorting<Name>, by: Name): Sorting<Name> {
  return { by, direction: now.by === by && now.direction === "desc" ? "asc" : "desc" };
}

export function writeSorting<Name extends string>({ by, direction }: Sorting<Name>): string {
  return direction === "desc" ? `-${by}` : by;
}

/** Reads the number of a page, the first being 1. */
export function readPage(address: Address): number {
  const page = Number(firstOf(address["page"]));
  return Number.isSafeInteger(page) && page > 1 ? page : 1;
}

/** Says which of all rows a page shows: `51–100 of 1,204`. */
export function describePage(page: number, size: number, shown: number, total: number): string {
  const first = (page - 1) * size + 1;
  const format = (count: number) => count.toLocaleString("en-US");
  return shown === 0 ? `none of ${format(total)}` : `${format(first)}–${format(first + shown - 1)} of ${format(total)}`;
}
