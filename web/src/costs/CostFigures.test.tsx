import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import type { CostSum } from "../api/types";
import { CostFigures } from "./CostFigures";

const total: CostSum = { calls: 4, cost_usd: 0.5, calls_without_cost: 3, without_cost: { no_price: 2, error_status: 1 }, prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
const shown = (change: Partial<CostSum>) => renderToStaticMarkup(<CostFigures total={{ ...total, ...change }} />);

describe("CostFigures", () => {
  it("say how many calls have no cost, and why", () => {
    const markup = shown({});
    expect(markup).toContain("at least: 3 calls are not in it");
    expect(markup).toMatch(/Calls without a cost.*>3<.*>2<.*no price is known.*no_price.*>1<.*answered with an error.*error_status/s);
  });

  it("are unknown where no cost is known, never zero", () => {
    const markup = shown({ calls: 3, cost_usd: 0 });
    expect(markup).not.toContain("$0");
    expect(markup).toContain("unknown: it is not known of any of these calls");
  });

  it("say that nothing lacks", () => expect(shown({ calls_without_cost: 0, without_cost: {} })).toContain("The cost of every call is known."));
});
