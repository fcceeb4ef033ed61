import { useCallback, useMemo } from "react";
import { useAddress } from "../address/useAddress";
import { readTimeRange, writeTimeRange, type TimePreset, type TimeRange } from "./range";

/** Returns the range of time in the address bar, `fallback` where there is none, and a function that sets it. */
export function useTimeRange(fallback: TimePreset): [TimeRange, (time: TimeRange) => void] {
  const [address, change] = useAddress();
  const { range, from, to } = address;
  const time = useMemo(() => readTimeRange({ range, from, to }, fallback), [range, from, to, fallback]);
  const set = useCallback((next: TimeRange) => change(writeTimeRange(next)), [change]);
  return [time, set];
}
