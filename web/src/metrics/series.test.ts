import { describe, expect, it } from "vitest";
import { timesOf, valuesByGroup, valuesOf } from "./series";

const hour = (of: number) => new Date(2026, 10, 22, of).getTime();
const iso = (of: number) => new Date(hour(of)).toISOString();
const answer = {
  rows: [
    { time: iso(10), model: "a", requests: 4, latency_p95: 120, cost: null },
    { time: iso(12), model: "b", requests: 7, latency_p95: null, cost: 0.5 },
  ],
  total: 2,
  interval: { startMs: hour(9) + 1, endMs: hour(12) + 1 },
  increment: "hour" as const,
};

describe("figures over time", () => {
  const times = timesOf(answer);

  it("have a place for each piece of time", () => expect(times).toEqual([9, 10, 11, 12].map(hour)));

  it("tell none from unknown", () => {
    expect(valuesOf(answer, times, "requests")).toEqual([0, 4, 0, 7]);
    expect(valuesOf(answer, times, "cost")).toEqual([0, null, 0, 0.5]);
    expect(valuesOf(answer, times, "latency_p95")).toEqual([null, 120, null, null]);
  });

  it("are cut by a group, the largest first", () => {
    expect(valuesByGroup(answer, times, "requests", "model")).toEqual([
      { name: "b", values: [0, 0, 0, 7], sum: 7 },
      { name: "a", values: [0, 4, 0, 0], sum: 4 },
    ]);
  });

  it("begin with the first call where the range has no beginning", () => {
    const all = { ...answer, interval: { startMs: null, endMs: hour(12) } };
    expect(timesOf(all)).toEqual([10, 11, 12].map(hour));
    expect(timesOf({ ...all, rows: [] })).toEqual([]);
  });
});
