import { describe, expect, it } from "vitest";
import { classifyBody, describeGap, rawText } from "./classify";

describe("bodies", () => {
  it.each([
    [null, "absent"],
    [undefined, "absent"],
    ["", "absent"],
    [{ a: 1 }, "json"],
    [[], "json"],
    [0, "json"],
    [false, "json"],
    ["data: {}\n\n", "stream"],
    ["<html>", "text"],
    [{ helicone_message: "the body is not text", base64: "AAEC" }, "binary"],
    [{ base64: "AAEC" }, "json"],
  ] as const)("reads %j as %s", (body, kind) => expect(classifyBody(body as never).kind).toBe(kind));

  it("shows text as it is and JSON indented", () => {
    expect(rawText(classifyBody("data: x\r\n\r\n"))).toBe("data: x\r\n\r\n");
    expect(rawText(classifyBody({ a: [1] }))).toBe('{\n  "a": [\n    1\n  ]\n}');
  });

  it("says what is missing", () => {
    expect(describeGap("omitted", false, 2048)).toContain("2.0 KiB");
    expect(describeGap("truncated", true, null)).toBe("Only the beginning of this body was kept.");
    expect(describeGap("empty", false, 0)).toBe("There was no body.");
    expect(describeGap("stored", true, 10)).toBeNull();
    expect(describeGap(null, false, null)).toBe("No body is stored.");
  });
});
