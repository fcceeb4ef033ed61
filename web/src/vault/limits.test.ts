import { describe, expect, it } from "vitest";
import { describeLimit, FIRST_LIMIT, limitOf } from "./limits";

const limit = (change: object) => limitOf({ ...FIRST_LIMIT, ...change });
const none = { cost: null, requests: null, tokens: null };

describe("limits of a proxy key", () => {
  it("are what the fields mean", () => {
    expect(limit({})).toEqual({ window_seconds: 86_400, cost: "10" });
    expect(limit({ amount: "12.50", window: "30" })).toEqual({ window_seconds: 2_592_000, cost: "12.50" });
    expect(limit({ amount: "5", of: "calls", span: "minutes" })).toEqual({ window_seconds: 60, requests: 5 });
    expect(limit({ amount: "5000", of: "tokens", window: "1.5", span: "hours" })).toEqual({ window_seconds: 5400, tokens: 5000 });
  });

  it.each([{ amount: "" }, { amount: "0" }, { amount: "-1" }, { amount: "1e3" }, { amount: "1.5", of: "calls" }, { amount: "0", of: "tokens" }, { window: "" }, { window: "0" }, { window: "366" }])(
    "are none when a field is wrong %o",
    (change) => expect(limit(change)).toBeNull(),
  );

  it("are told in words", () => {
    expect(describeLimit({ ...none, window_seconds: 86_400, cost: "12.500000000" })).toBe("$12.50 a day");
    expect(describeLimit({ ...none, window_seconds: 60, requests: 1 })).toBe("1 call a minute");
    expect(describeLimit({ ...none, window_seconds: 7200, tokens: 5000 })).toBe("5,000 tokens in 2 hours");
  });
});
