import { describe, expect, it } from "vitest";
import { driftOf, formatPercent } from "./drift";

const sides = { theirs_usd: 10, drift_usd: 0, drift_percent: 0, calls: 4 };

describe("drift", () => {
  it("is told in words", () => {
    expect(driftOf(sides).text).toBe("agrees");
    expect(driftOf({ ...sides, drift_usd: 0.1, drift_percent: 1 }).text).toBe("agrees");
    expect(driftOf({ ...sides, drift_usd: 0.2, drift_percent: 2 }).text).toBe("we say more");
    expect(driftOf({ ...sides, drift_usd: -0.2, drift_percent: -2 })).toEqual({ tone: "bad", text: "we say less" });
  });

  it("is none where only one side has anything", () => {
    expect(driftOf({ theirs_usd: null, drift_usd: 1, drift_percent: null, calls: 2 }).text).toBe("only here");
    expect(driftOf({ theirs_usd: 1, drift_usd: -1, drift_percent: -100, calls: 0 }).text).toBe("only at the provider");
  });

  it("takes fractions of a cent for nothing", () => {
    expect(driftOf({ theirs_usd: 0.0001, drift_usd: -0.0001, drift_percent: -100, calls: 1 }).text).toBe("agrees");
  });

  it("is a share with its sign", () => {
    expect([2, -0.42, 0, -0.01, 1234.56].map(formatPercent)).toEqual(["+2 %", "−0.4 %", "0 %", "<0.1 %", "+1,234.6 %"]);
  });
});
