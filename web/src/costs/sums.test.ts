import { describe, expect, it } from "vitest";
import { known } from "../format/unknown";
import { barsOf, dearestFirst, knownCost, knownTokens, reasonsOf, withoutPrice } from "./sums";

const day = (name: string, cost: number, calls = 1, withoutCost = 0) => ({ day: name, cost_usd: cost, calls, calls_without_cost: withoutCost });

describe("sums of costs", () => {
  it("are unknown where nothing of them is known, and zero only where it is", () => {
    expect(knownCost({ calls: 3, cost_usd: 0, calls_without_cost: 3 }).known).toBe(false);
    expect(knownCost({ calls: 3, cost_usd: 0, calls_without_cost: 2 })).toEqual(known("$0"));
    expect(knownCost({ calls: 0, cost_usd: 0, calls_without_cost: 0 })).toEqual(known("$0"));
  });

  it("have tokens where anybody counted them", () => {
    const none = { calls: 2, prompt_tokens: 0, completion_tokens: 0, total_tokens: 0, without_cost: { no_usage: 1, error_status: 1 } };
    expect(knownTokens(none).known).toBe(false);
    expect(knownTokens({ ...none, without_cost: { no_usage: 1 } })).toEqual(known("0 / 0"));
    expect(knownTokens({ ...none, prompt_tokens: 1200, completion_tokens: 3, total_tokens: 1203 })).toEqual(known("1,200 / 3"));
  });

  it("say why calls have no cost, the most frequent reason first", () => {
    const reasons = reasonsOf({ error_status: 2, no_price: 9, something_new: 1 });
    expect(reasons.map(({ status, calls }) => [status, calls])).toEqual([["no_price", 9], ["error_status", 2], ["something_new", 1]]);
    expect(reasons[0]?.text).toBe("no price is known for this model");
    expect(reasons[2]?.text).toBe("something new");
  });

  it("find the models that a price would help", () => {
    const groups = [{ model: "a", without_cost: { no_usage: 9 } }, { model: "b", without_cost: { no_price: 1 } }, { model: "c", without_cost: { no_price: 1, partial_price: 1 } }];
    expect(withoutPrice(groups).map(({ model }) => model)).toEqual(["c", "b"]);
  });

  it("stand with the dearest first", () => {
    expect(dearestFirst([day("x", 1), day("y", 2), day("z", 1, 5)]).map((group) => group.day)).toEqual(["y", "z", "x"]);
  });
});

describe("bars of a chart", () => {
  it("have a place for days without calls", () => {
    const bars = barsOf([day("2026-02-27", 1.5, 3, 1), day("2026-03-01", 2)]);
    expect(bars.map(({ name, cost }) => [name, cost])).toEqual([["2026-02-27", 1.5], ["2026-02-28", 0], ["2026-03-01", 2]]);
    expect(bars[0]).toMatchObject({ calls: 3, withoutCost: 1 });
    expect(barsOf([])).toEqual([]);
  });

  it("are months where there are many days", () => {
    const bars = barsOf([day("2026-01-31", 1), day("2026-03-01", 2), day("2026-05-02", 4, 2, 2), day("2026-05-03", 8)]);
    expect(bars.map(({ name, cost }) => [name, cost])).toEqual([["2026-01", 1], ["2026-02", 0], ["2026-03", 2], ["2026-04", 0], ["2026-05", 12]]);
    expect(bars.at(-1)).toMatchObject({ calls: 3, withoutCost: 2 });
  });
});
