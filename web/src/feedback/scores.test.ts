import { describe, expect, it } from "vitest";
import { distributionOf, scoresOf, scoresOfCall } from "./scores";

describe("scores", () => {
  it("are told apart from ratings", () => {
    const row = (name: string, count: number, average: number) => ({ scoreName: name, score_count: count, score_average: average, score_min: 0, score_max: 9 });
    expect(scoresOf([row("accuracy", 3, 4.5), row("helicone-score-feedback", 9, 1)])).toEqual([{ name: "accuracy", count: 3, average: 4.5, min: 0, max: 9 }]);
  });

  it("of a call have the names that people gave them", () =>
    expect(scoresOfCall({ scores: { "polite-hcone-bool": 1, "helicone-score-feedback": 0, accuracy: 0.5, "hcone-bool": 2 } })).toEqual([
      { name: "polite", value: 1, isBoolean: true },
      { name: "accuracy", value: 0.5, isBoolean: false },
      { name: "hcone-bool", value: 2, isBoolean: false },
    ]));
});

describe("the distribution of scores", () => {
  const counts = (values: number[]) => distributionOf(values).map(({ count }) => count);

  it("has a bar for each of few whole numbers", () => expect(distributionOf([1, 3, 3])).toEqual([{ from: 1, to: 1, count: 1 }, { from: 2, to: 2, count: 0 }, { from: 3, to: 3, count: 2 }]));
  it("has ranges of the same width otherwise, the largest value in the last", () => {
    expect(counts([0, 0.05, 0.5, 1])).toEqual([1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    expect(counts([0, 1000]).reduce((sum, count) => sum + count)).toBe(2);
  });
  it("counts every value, also where all are the same and no whole number", () => {
    expect(counts([0.5, 0.5]).reduce((sum, count) => sum + count)).toBe(2);
    expect(counts([7])).toEqual([1]);
    expect(counts([])).toEqual([]);
  });
});
