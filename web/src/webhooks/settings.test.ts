import { describe, expect, it } from "vitest";
import { describeSettings, settingsOf } from "./settings";

describe("settings of a webhook", () => {
  it("are read from the text that the API tells them in", () => {
    expect(settingsOf({ config: '{"includeData":false,"propertyFilters":[{"key":"env","value":"prod"}],"sampleRate":12.5}' })).toEqual({
      includeData: false,
      propertyFilters: [{ key: "env", value: "prod" }],
      sampleRate: 12.5,
    });
    expect(settingsOf({ config: "{}" })).toEqual({ includeData: true, propertyFilters: [], sampleRate: 100 });
  });

  it("are told in a sentence", () => {
    const all = { sampleRate: 100, includeData: true, propertyFilters: [] };
    expect(describeSettings(all)).toBe("Every call, with model, tokens, cost and latency.");
    const some = { sampleRate: 12.5, includeData: false, propertyFilters: [{ key: "env", value: "prod" }] };
    expect(describeSettings(some)).toBe("12.5 % of the calls whose env is prod, without figures.");
  });
});
