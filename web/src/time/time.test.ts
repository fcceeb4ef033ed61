import { describe, expect, it } from "vitest";
import { incrementFor, pieceOf, piecesBetween, type Increment } from "./increments";
import { describeTimeRange, intervalBefore, isOpenEnded, PRESETS, readTimeRange, resolveTimeRange, writeTimeRange, type TimePreset } from "./range";

const NOW = Date.parse("2026-11-22T12:00:00.000Z");

describe("range of time", () => {
  it.each(PRESETS)("%s survives the way through the address bar", (range) => {
    expect(readTimeRange(writeTimeRange({ range }), "1h")).toEqual({ range });
  });

  it("keeps fixed ends, and takes nothing that is no instant", () => {
    const fixed = { from: "2026-11-22T10:00:00.000Z", to: "2026-11-22T11:00:00.000Z" };
    expect(readTimeRange(writeTimeRange(fixed), "24h")).toEqual(fixed);
    expect(readTimeRange({ from: "2026-11-22T10:00:00Z" }, "24h")).toEqual({ from: fixed.from });
    expect(readTimeRange({ from: "yesterday", range: "1y" }, "24h")).toEqual({ range: "24h" });
  });

  it("is resolved when it is asked for", () => {
    expect(resolveTimeRange({ range: "1h" }, NOW)).toEqual({ startMs: NOW - 3_600_000, endMs: NOW });
    expect(resolveTimeRange({ range: "all" }, NOW)).toEqual({ startMs: null, endMs: NOW });
    expect(resolveTimeRange({ from: "2026-11-22T10:00:00Z" }, NOW)).toEqual({ startMs: NOW - 7_200_000, endMs: NOW });
  });

  it("has one of the same length before it, unless it is all time", () => {
    expect(intervalBefore({ startMs: NOW - 10, endMs: NOW })).toEqual({ startMs: NOW - 20, endMs: NOW - 10 });
    expect(intervalBefore({ startMs: null, endMs: NOW })).toBeNull();
  });

  it("is said in words and knows whether new calls belong to it", () => {
    expect(describeTimeRange({ range: "7d" })).toBe("Last 7 days");
    expect(describeTimeRange({ from: "2026-11-22T10:00:00Z" })).toMatch(/^Since 2\d Nov/);
    expect([isOpenEnded({ range: "1h" }), isOpenEnded({ from: "2026-11-22T10:00:00Z" }), isOpenEnded({ to: "2026-11-22T10:00:00Z" })]).toEqual([true, true, false]);
  });
});

describe("increments", () => {
  it.each<[TimePreset, Increment]>([
    ["15m", "min"],
    ["1h", "min"],
    ["3h", "min"],
    ["6h", "hour"],
    ["24h", "hour"],
    ["7d", "hour"],
    ["30d", "day"],
    ["90d", "day"],
    ["all", "day"],
  ])("cut %s by %s", (range, increment) => expect(incrementFor(resolveTimeRange({ range }, NOW))).toBe(increment));

  it("grow with fixed ranges", () => {
    const years = (count: number) => incrementFor({ startMs: NOW - count * 365 * 86_400_000, endMs: NOW });
    expect([years(1), years(4), years(30)]).toEqual(["week", "month", "year"]);
  });

  it("begin at the pieces' beginnings and leave none out", () => {
    const start = new Date(2026, 9, 22, 13, 45, 30).getTime();
    expect(new Date(pieceOf(start, "hour"))).toEqual(new Date(2026, 9, 22, 13));
    expect(new Date(pieceOf(start, "week"))).toEqual(new Date(2026, 9, 19));
    expect(new Date(pieceOf(start, "month"))).toEqual(new Date(2026, 9, 1));
    const days = piecesBetween(start, new Date(2026, 10, 2, 1).getTime(), "day");
    expect(days).toHaveLength(12);
    expect(days.every((day) => new Date(day).getHours() === 0)).toBe(true);
    expect(piecesBetween(start, start + 3 * 60_000, "min")).toHaveLength(4);
  });
});
