import { describe, expect, it } from "vitest";
import { known } from "../format/unknown";
import { cacheFigures } from "./figures";

const total = (sum: number, unknown = 0) => ({ sum, unknown });
const stats = { hits: 3, misses: 1, saved_ms: total(2500), saved_cost_usd: total(0.5), saved_prompt_tokens: total(1200), saved_completion_tokens: total(30) };

const named = (change: Partial<typeof stats>, name: string) => cacheFigures({ ...stats, ...change }).find((figure) => figure.name === name);

describe("figures of the cache", () => {
  it("tell hits, their rate and what they saved", () => {
    expect(cacheFigures(stats).map(({ figure }) => (figure.known ? figure.text : null))).toEqual(["3", "1", "75 %", "$0.50", "2.50 s", "1,200", "30"]);
  });

  it("say what a sum lacks, and that a sum of nothing known is unknown", () => {
    expect(named({ saved_cost_usd: total(0.5, 1) }, "Cost saved")).toEqual({ name: "Cost saved", figure: known("$0.50"), note: "at least: not known of one hit" });
    expect(named({ saved_cost_usd: total(0, 3) }, "Cost saved")?.figure.known).toBe(false);
    expect(named({ hits: 0, misses: 0 }, "Hit rate")?.figure.known).toBe(false);
    expect(named({ hits: 0, saved_ms: total(0) }, "Time saved")?.figure).toEqual(known("0 ms"));
  });
});
