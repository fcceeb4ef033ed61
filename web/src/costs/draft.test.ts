import { describe, expect, it } from "vitest";
import { describeConditions, draftOf, EMPTY_DRAFT, priceOf } from "./draft";
import { describePrices } from "./units";

const plain = { tier: null, above_input_tokens: null, region: null, off_peak: null, variant: null, from: null, until: null };
const set = {
  ...plain,
  id: "0199f0a1-7c1e-4c3a-9a55-3f2f0c8f1d20",
  provider: "api.acme.ai",
  models: ["acme-large*", "acme-small"],
  above_input_tokens: 200_000,
  from: "2026-01-01",
  prices: { output: "1.5", input: "0.5" },
  created_at: "2026-11-22T14:06:00.123Z",
  updated_at: "2026-11-22T14:06:00.123Z",
};

describe("fields of a price", () => {
  it("mean what was set, and back", () => {
    const { id: _id, created_at: _created, updated_at: _updated, ...wanted } = set;
    expect(priceOf(draftOf(set))).toEqual(wanted);
  });

  it("say nothing where they are empty", () => {
    const draft = { ...EMPTY_DRAFT, provider: " api.acme.ai ", models: "acme-large,\n acme-small\n", prices: { input: " 2 ", output: " " } };
    expect(priceOf(draft)).toEqual({ ...plain, provider: "api.acme.ai", models: ["acme-large", "acme-small"], prices: { input: "2" } });
  });
});

describe("a price in words", () => {
  it("names its conditions", () => {
    expect(describeConditions(set)).toEqual(["above 200,000 input tokens", "from 2026-01-01"]);
    expect(describeConditions({ ...plain, tier: "batch", off_peak: "16:30-00:30", until: "2027-01-01" })).toEqual(["tier batch", "16:30-00:30 UTC", "until 2027-01-01"]);
    expect(describeConditions(plain)).toEqual([]);
  });

  it("names what is paid for what, in the order of price lists", () => {
    expect(describePrices({ request: "0.01", output: "1.5", input: "0.5" })).toBe("Input $0.5, Output $1.5 per million tokens; Call $0.01 per call");
    expect(describePrices({ moon_dust: "3" })).toBe("moon dust $3");
  });
});
