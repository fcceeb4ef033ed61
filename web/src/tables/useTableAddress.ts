import { useCallback } from "react";
import { useAddress } from "../address/useAddress";
import { readPage, readSorting, writeSorting, type Sorting } from "./sorting";

/** Returns the sorting and the page in the address bar, and functions that change them. */
export function useTableAddress<Name extends string>(names: readonly Name[], fallback: Sorting<Name>) {
  const [address, change] = useAddress();
  const sorting = readSorting(address, names, fallback);
  const setSorting = useCallback((next: Sorting<Name>) => change({ sort: writeSorting(next), page: undefined }), [change]);
  const setPage = useCallback((page: number) => change({ page: page > 1 ? String(page) : undefined }), [change]);
  return { sorting, setSorting, page: readPage(address), setPage };
}
