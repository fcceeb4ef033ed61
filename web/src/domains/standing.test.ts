import { describe, expect, it } from "vitest";
import { describeLimits, describeRemoval, describeStanding, isDecidedByRecord } from "./standing";

const limited = { mode: "limited", requests_per_day: 10_000, requests_per_second: 1 };

describe("a domain's standing", () => {
  it.each([
    ["pending", null, "Pending", "warn", true],
    ["approved", "record", "Approved by its TXT record", "good", true],
    ["approved", "administrator", "Approved by an administrator", "good", false],
    ["rejected", null, "Rejected", "bad", false],
    ["withdrawn", null, "Withdrawn", "bad", true],
    ["paused", null, "paused", "idle", true],
  ])("%s by %s", (status, approved_by, text, tone, byRecord) => {
    expect(describeStanding({ status, approved_by })).toEqual({ text, tone });
    expect(isDecidedByRecord({ status, approved_by })).toBe(byRecord);
  });
});

describe("a domain's limits", () => {
  it("are told in plain words", () => {
    expect(describeLimits(limited)).toContain("1 call a second and 10,000 calls a day");
    expect(describeLimits({ ...limited, mode: "open" })).toContain("approval changes nothing");
    expect(describeLimits({ ...limited, mode: "closed" })).toContain("refuses calls");
  });

  it("come back when an approved domain is removed", () => {
    const approved = { status: "approved", approved_by: "record" };
    expect(describeRemoval(approved, limited)).toContain("limited again");
    expect(describeRemoval(approved, { ...limited, mode: "closed" })).toContain("refused at once");
    expect(describeRemoval(approved, { ...limited, mode: "open" })).toContain("Nothing changes");
    expect(describeRemoval({ status: "pending", approved_by: null }, limited)).toContain("Nothing changes");
  });
});
