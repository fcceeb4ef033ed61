import { describe, expect, it } from "vitest";
import { FIRST_DRAFT, policyOf } from "./draft";
import { policyProblems, policyText } from "./policy";

const text = (change: object) => policyText(policyOf({ ...FIRST_DRAFT, ...change }));

describe("fields of a policy", () => {
  it("mean a policy", () => {
    expect(text({})).toBe("1000;w=3600;s=user");
    expect(text({ unit: "dollars", quota: "12.29", segment: "all" })).toBe("1229;w=3600;u=cents");
    expect(text({ window: "7", span: "days", segment: "property", property: " Plan " })).toBe("1000;w=604800;s=plan");
    expect(text({ window: "1.5", span: "minutes", unit: "tokens", segment: "all" })).toBe("1000;w=90;u=tokens");
  });

  it("mean none when they are empty or parts of a cent", () => {
    for (const quota of ["", " ", "many"]) expect(policyProblems(policyOf({ ...FIRST_DRAFT, quota }))).toHaveProperty("quota");
    expect(policyProblems(policyOf({ ...FIRST_DRAFT, unit: "dollars", quota: "0.005" }))).toHaveProperty("quota");
    expect(policyProblems(policyOf({ ...FIRST_DRAFT, window: "" }))).toHaveProperty("window");
  });
});
