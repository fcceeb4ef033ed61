import { describe, expect, it } from "vitest";
import { parseScore, scoresOf } from "./scores";

const at = "2026-11-22T12:00:00.000Z";

describe("scores", () => {
  it("are shown by their own names, the rating aside", () => {
    const scores = { accuracy: 0.92, "polite-hcone-bool": 1, "helicone-score-feedback": 1 };
    const feedback = { tone: { value: "friendly", data_type: "categorical", created_at: at }, "helicone-score-feedback": { value: true, data_type: "boolean", created_at: at } };
    expect(scoresOf({ scores, feedback })).toEqual([
      { name: "accuracy", value: "0.92" },
      { name: "polite", value: "true" },
      { name: "tone", value: "friendly" },
    ]);
    expect(scoresOf({})).toEqual([]);
  });

  it.each([
    ["0.9", 0.9],
    [" True ", true],
    ["false", false],
    ["-3e2", -300],
    ["", null],
    ["good", null],
    ["Infinity", null],
  ])("are read from %j as %j", (typed, value) => expect(parseScore(typed)).toBe(value));
});
