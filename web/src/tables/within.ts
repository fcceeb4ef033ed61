import type { FilterNode } from "../api/types";
import { allOf, between } from "../filter/node";
import { isOpenEnded, resolveTimeRange, type TimeRange } from "../time/range";

/** Returns what holds for the calls of a range of time, as it is at this moment; one that goes on to now has no end. */
export function withinTime(filter: FilterNode, time: TimeRange, nowMs = Date.now()): FilterNode {
  const { startMs, endMs } = resolveTimeRange(time, nowMs);
  return allOf([filter, between(startMs, isOpenEnded(time) ? null : endMs)]);
}
