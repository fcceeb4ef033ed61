import { describe, expect, it } from "vitest";
import { costOf, formatUsd } from "./money";
import { bytes, count, duration, formatBytes, formatDuration } from "./numbers";
import { statusOf } from "./status";
import { tokensIn, tokensOut } from "./tokens";
import { fromLocalInput, toLocalInput } from "./time";
import { explainTokens, known, unknown } from "./unknown";

describe("unknown is not zero", () => {
  it.each([
    [{ cost: null, cost_status: "no_price" }, unknown("no price is known for this model")],
    [{ cost: null, cost_status: "no_usage" }, unknown("the provider reported no usage")],
    [
      { cost: null, cost_status: "extra_charges" },
      unknown("the provider also charges for tools that it ran, such as a web search"),
    ],
    [{ cost: null, cost_status: "some_new_reason" }, unknown("some new reason")],
    [{}, unknown("the cost could not be determined")],
    [{ cost: 0, cost_nano_usd: 0, cost_status: "no_price" }, unknown("no price is known for this model")],
    [{ cost: 0, cost_nano_usd: 0, cost_status: "priced" }, known("$0")],
    [{ cost: 0, cost_nano_usd: 0, cost_status: "cached" }, known("$0")],
    [{ cost: 0.00125, cost_nano_usd: 1_250_000, cost_status: "priced" }, known("$0.00125")],
  ])("tells a missing cost from a free call %#", (request, expected) => expect(costOf(request)).toEqual(expected));

  it("tells a missing count from none", () => {
    expect(count(null, "why")).toEqual(unknown("why"));
    expect(count(undefined, "why")).toEqual(unknown("why"));
    expect(count(0, "why")).toEqual(known("0"));
    expect(count(1234567, "why")).toEqual(known("1,234,567"));
    expect(duration(null, "why")).toEqual(unknown("why"));
    expect(bytes(Number.NaN, "why")).toEqual(unknown("why"));
  });

  it("adds the kinds of tokens only to a known count", () => {
    expect(tokensIn({ prompt_tokens: 10, prompt_cache_read_tokens: 90 })).toBe(100);
    expect(tokensIn({ prompt_tokens: null, prompt_cache_read_tokens: 90 })).toBeNull();
    expect(tokensOut({ completion_tokens: 0, reasoning_tokens: 7, completion_audio_tokens: null })).toBe(7);
    expect(tokensOut({})).toBeNull();
  });

  it("says why tokens are missing", () => {
    expect(explainTokens({ usage_source: "none" })).toBe("the provider reported no usage");
    expect(explainTokens({ outcome: "refused" })).toContain("refused");
  });
});

describe("figures", () => {
  it.each([
    [12.5, "$12.50"],
    [1234.567, "$1,234.57"],
    [0.5, "$0.50"],
    [0.0123, "$0.0123"],
    [0.000000451, "$0.000000451"],
    [0.0000000004, "<$0.000000001"],
    [0.000000001, "$0.000000001"],
    [0.1, "$0.10"],
  ])("formats %d dollars as %s", (usd, text) => expect(formatUsd(usd)).toBe(text));

  it.each([
    [0, "0 ms"],
    [0.012, "<0.1 ms"],
    [0.431, "0.4 ms"],
    [3, "3 ms"],
    [999, "999 ms"],
    [999.7, "1.00 s"],
    [2412, "2.41 s"],
    [59_999, "1 min 0 s"],
    [185_000, "3 min 5 s"],
    [7_260_000, "2 h 1 min"],
  ])("formats %d milliseconds as %s", (milliseconds, text) => expect(formatDuration(milliseconds)).toBe(text));

  it.each([
    [512, "512 B"],
    [4300, "4.2 KiB"],
    [5_242_880, "5.0 MiB"],
  ])("formats %d bytes as %s", (size, text) => expect(formatBytes(size)).toBe(text));

  it("reads back the local time it wrote", () => {
    const instant = "2026-11-22T10:15:00.000Z";
    expect(fromLocalInput(toLocalInput(instant))).toBe(instant);
    expect(fromLocalInput("")).toBeUndefined();
  });
});

describe("status", () => {
  it.each([
    [{ response_status: 200, outcome: "complete" }, "good", "200"],
    [{ response_status: 200, outcome: "upstream_cut" }, "bad", "200 cut"],
    [{ response_status: 429, outcome: "complete" }, "warn", "429"],
    [{ response_status: 401, outcome: "refused" }, "warn", "401 refused"],
    [{ response_status: 502, outcome: "failed" }, "bad", "502 failed"],
    [{ response_status: -3 }, "warn", "Cancelled"],
    [{ response_status: -2 }, "bad", "Timed out"],
    [{ response_status: null }, "idle", "—"],
  ] as const)("reads %o as %s %s", (request, tone, text) => {
    expect(statusOf(request)).toMatchObject({ tone, text });
  });
});
