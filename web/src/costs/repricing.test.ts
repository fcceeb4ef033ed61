import { describe, expect, it } from "vitest";
import { describeEffect, describeProgress, describeStanding, FIRST_REPRICE, repriceFilter } from "./repricing";

const NOW = Date.parse("2026-11-22T12:00:00Z");
const lacks = {
  left: { request_response_rmt: { cost_status: { equals: "no_price" } } },
  operator: "or",
  right: { request_response_rmt: { cost_status: { equals: "partial_price" } } },
};

describe("the filter of a re-pricing", () => {
  it("is all calls where nothing is chosen", () => {
    expect(repriceFilter(FIRST_REPRICE, NOW)).toBe("all");
    expect(repriceFilter({ ...FIRST_REPRICE, model: "  " }, NOW)).toBe("all");
  });

  it("has what is chosen", () => {
    expect(repriceFilter({ ...FIRST_REPRICE, only: "without_price" }, NOW)).toEqual(lacks);
    expect(repriceFilter({ time: { range: "24h" }, provider: " api.acme.ai", model: "acme", only: "without_price" }, NOW)).toEqual({
      left: {
        left: {
          left: { request_response_rmt: { model: { contains: "acme" } } },
          operator: "and",
          right: { request_response_rmt: { provider: { contains: "api.acme.ai" } } },
        },
        operator: "and",
        right: { request_response_rmt: { request_created_at: { gte: "2026-11-21T12:00:00.000Z" } } },
      },
      operator: "and",
      right: lacks,
    });
  });
});

describe("a re-pricing in words", () => {
  const running = { state: "running", dry_run: true, total: 10_000, scanned: 4000, changed: 12, kept: 0, eta_seconds: 3, cost_before_usd: 1, cost_after_usd: 1.5 } as const;

  it("says how far it is", () => {
    expect(describeProgress(running)).toBe("4,000 of 10,000 calls looked at, 12 would change, about 3.00 s left");
    expect(describeProgress({ ...running, state: "done", dry_run: false, eta_seconds: null, total: 1, scanned: 1, changed: 1 })).toBe("1 of 1 call looked at, 1 changed");
    expect(describeStanding({ state: "cancelled", dry_run: false })).toBe("Re-pricing cancelled");
  });

  it("says what it comes to", () => {
    expect(describeEffect(running)).toBe("The known cost of these calls would go from $1.00 to $1.50.");
    expect(describeEffect({ ...running, dry_run: false, cost_after_usd: 1 })).toBe("The known cost of these calls stays $1.00.");
  });
});
