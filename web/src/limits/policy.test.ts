import { describe, expect, it } from "vitest";
import { describePolicy, policyProblems, policyText, readPolicy, type Policy } from "./policy";

const hourly: Policy = { quota: 1000, windowSeconds: 3600, unit: "request", segment: { kind: "all" } };

describe("a policy", () => {
  it.each<[Policy, string, string]>([
    [hourly, "1000;w=3600", "1,000 calls an hour"],
    [{ ...hourly, quota: 1, windowSeconds: 90 }, "1;w=90", "1 call in 90 seconds"],
    [{ ...hourly, unit: "cents", quota: 1250, windowSeconds: 86_400, segment: { kind: "user" } }, "1250;w=86400;u=cents;s=user", "$12.50 a day for each user"],
    [{ ...hourly, unit: "tokens", windowSeconds: 604_800, segment: { kind: "property", name: "plan" } }, "1000;w=604800;u=tokens;s=plan", "1,000 tokens in 7 days for each value of plan"],
  ])("is written, read and told %#", (policy, text, words) => {
    expect(policyText(policy)).toBe(text);
    expect(readPolicy(text)).toEqual(policy);
    expect(describePolicy(policy)).toBe(words);
    expect(policyProblems(policy)).toEqual({});
  });

  it("is read with all that the API's canonical text says", () => {
    expect(readPolicy("1000;w=3600;u=request")).toEqual(hourly);
    for (const text of ["", "many;w=60", "10", "10;w=60;u=euros"]) expect(readPolicy(text)).toBeNull();
  });

  it("says which field is wrong", () => {
    expect(policyProblems({ ...hourly, quota: 0 })).toHaveProperty("quota");
    expect(policyProblems({ ...hourly, quota: Number.NaN })).toHaveProperty("quota");
    expect(policyProblems({ ...hourly, windowSeconds: 59 })).toHaveProperty("window");
    expect(policyProblems({ ...hourly, windowSeconds: 31_536_001 })).toHaveProperty("window");
    for (const name of ["", "USER", "two words"]) expect(policyProblems({ ...hourly, segment: { kind: "property", name } })).toHaveProperty("property");
  });
});
