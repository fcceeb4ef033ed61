import { describe, expect, it } from "vitest";
import { lonely, stack, sumOf } from "./stack";
import { compact, compactDuration, compactUsd, pieceName, timeTick } from "./ticks";

describe("values of a chart", () => {
  it("are stacked, and gaps stay gaps", () => {
    expect(stack([[1, null, null], [2, 3, null]])).toEqual([
      [1, null, null],
      [3, 3, null],
    ]);
  });

  it("are pointed out where a line would not show them", () => {
    expect(lonely([1, null, 2, 3, null, 4])).toEqual([0, 5]);
    expect(lonely([])).toEqual([]);
  });

  it("have no sum when none is known", () => {
    expect(sumOf([null, 1, 2])).toBe(3);
    expect(sumOf([null, null])).toBeNull();
  });
});

describe("ticks", () => {
  const at = (day: number, hour: number) => new Date(2026, 10, day, hour).getTime();

  it("name midnight by its day", () => {
    expect(timeTick(at(22, 14) / 1000, 3600)).toBe("14:00");
    expect(timeTick(at(22, 0) / 1000, 3600)).toBe("22 Nov");
    expect(timeTick(at(22, 0) / 1000, 31 * 86_400)).toBe("Nov 26");
    expect(pieceName(at(22, 14), 3_600_000)).toBe("Sun 22 Nov, 14:00");
    expect(pieceName(at(22, 0), 86_400_000)).toBe("Sun 22 Nov");
  });

  it.each([
    [0, "0"],
    [0.25, "0.25"],
    [950, "950"],
    [1234, "1.2k"],
    [3_400_000, "3.4M"],
  ])("write %d as %s", (value, text) => expect(compact(value)).toBe(text));

  it("write money and time shortly", () => {
    expect([0, 0.00123, 4.5, 12_345].map(compactUsd)).toEqual(["$0", "$0.0012", "$4.5", "$12.3k"]);
    expect([12, 1500, 90_000].map(compactDuration)).toEqual(["12 ms", "1.5 s", "1.5 min"]);
  });
});
