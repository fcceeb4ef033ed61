import type { ReactNode } from "react";
import { useAddress } from "../address/useAddress";
import { writeFilter } from "../filter/address";
import { FilterBar } from "../filter/FilterBar";
import { useFilter } from "../filter/useFilter";

/** The filter of a page with a table: a change of it leads back to the first page. */
export function PageFilter({ children }: { children?: ReactNode }) {
  const [filter] = useFilter();
  const [, change] = useAddress();
  return (
    <FilterBar filter={filter} onChange={(next) => change({ ...writeFilter(next), page: undefined })}>
      {children}
    </FilterBar>
  );
}
