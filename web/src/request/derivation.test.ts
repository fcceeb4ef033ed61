import { describe, expect, it } from "vitest";
import { describeLine, describeMatch, describeRowConditions, describeSource, describeStale, describeValidity, dollarsOfPicos } from "./derivation";

const line = { unit: "input", priced_as: "input", count: 1000, price: "0.15", per: "million tokens", amount_pico_usd: "150000000" };
const row = { source: "book", matched: "normalised", model: "gpt-4o", tier: null, above_input_tokens: null, region: null, off_peak: null, variant: null, from: "2024-05-13", until: null };

describe("a cost's derivation", () => {
  it("has exact amounts", () => {
    expect(dollarsOfPicos("150000000")).toBe("$0.00015");
    expect(dollarsOfPicos("12.5")).toBe("$0.0000000000125");
    expect(dollarsOfPicos("-0.250")).toBe("-$0.00000000000025");
    expect(dollarsOfPicos("3000000000000")).toBe("$3");
    expect(dollarsOfPicos("0")).toBe("$0");
    expect(dollarsOfPicos("12345678901234567890123")).toBe("$12345678901.234567890123");
  });

  it("multiplies what was used by what it costs", () => {
    expect(describeLine(line)).toBe("1,000 × $0.15 per million tokens");
    expect(describeLine({ ...line, unit: "reasoning", priced_as: "output" })).toBe("1,000 × $0.15 per million tokens, at the price of output");
    expect(describeLine({ ...line, unit: "input_audio_ms", priced_as: "input_audio_ms", count: 1500, price: "0.0001", per: "second" })).toBe("1.5 s × $0.0001 per second");
  });

  it("names the row that matched", () => {
    expect(describeSource(row)).toBe("the built-in price book");
    expect(describeMatch(row)).toBe("gpt-4o, without path, region, version or date");
    expect(describeValidity(row)).toBe("from 2024-05-13");
    expect(describeValidity({ ...row, from: null })).toBe("always");
    expect(describeRowConditions({ ...row, tier: "batch", above_input_tokens: 200_000 })).toBe("tier batch, above 200,000 input tokens");
  });

  it("says when the stored cost is an old one", () => {
    const told = { breakdown: null, cost_status: "no_price", cost_usd: null, is_current: false, revised_at: null, revised_reason: null };
    const breakdown = { status: "priced", row, lines: [line], missing: [], exact_usd: "0.00015", rounding_pico_usd: "0" };
    expect(describeStale(told, breakdown)).toContain("Stored is no cost; today's prices come to $0.00015.");
    expect(describeStale({ ...told, is_current: true }, breakdown)).toBeNull();
  });
});
