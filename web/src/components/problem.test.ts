import { describe, expect, it } from "vitest";
import { ApiError } from "../api/client";
import { fieldProblem, otherProblem } from "./problem";

const wrongDomain = new ApiError(400, "`domain` must be a host name alone; did you mean `llm.example.com`?");
const exists = new ApiError(409, "the organization has asked for `llm.example.com` already");

describe("problem", () => {
  it("stands at the field that caused it", () => {
    expect(fieldProblem(wrongDomain, "domain")).toBe("this must be a host name alone; did you mean `llm.example.com`?");
    expect(fieldProblem(wrongDomain, "company")).toBeNull();
    expect(otherProblem(wrongDomain, ["domain", "company"])).toBeNull();
  });

  it("is what stands behind a field's name", () => {
    const wrongDay = new ApiError(400, '`from`: `tomorrow` is not a date: write it as "2026-01-31"');
    expect(fieldProblem(wrongDay, "from")).toBe('`tomorrow` is not a date: write it as "2026-01-31"');
    expect(otherProblem(wrongDay, ["from"])).toBeNull();
    expect(otherProblem(wrongDay, ["until"])).toBe(wrongDay.message);
    expect(fieldProblem(new ApiError(400, "`choices[2]` must be a choice"), "choices[2]")).toBe("this must be a choice");
  });

  it("stands at the form when no field of it is named", () => {
    expect(fieldProblem(exists, "domain")).toBeNull();
    expect(otherProblem(exists, ["domain"])).toBe(exists.message);
    expect(otherProblem(wrongDomain, ["pattern"])).toBe(wrongDomain.message);
  });

  it("is nothing while nothing went wrong", () => {
    expect(fieldProblem(null, "domain")).toBeNull();
    expect(otherProblem(null, ["domain"])).toBeNull();
  });
});
