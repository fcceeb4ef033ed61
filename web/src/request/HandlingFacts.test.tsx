import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { HandlingFacts } from "./HandlingFacts";

type Handled = Parameters<typeof HandlingFacts>[0]["request"];

const plain: Handled = { source: "gateway", cache: null, rate_limit: null, guards: [], threat: null, proxy_key_id: null, fallback_index: null };
const shown = (change: Partial<Handled>) => renderToStaticMarkup(<HandlingFacts request={{ ...plain, ...change }} />);
const guard = { name: "shield", kind: "security", is_denied: false, reason: null, took_ms: 12 };

describe("HandlingFacts", () => {
  it("is nothing for a call that was only passed on", () => expect(shown({})).toBe(""));

  it("tells a limit that refused, one that passed, and one that could not be read", () => {
    const limit = { policy: "1;w=60", status: "refused", error: null };
    expect(shown({ rate_limit: limit })).toMatch(/refused.*1;w=60/s);
    expect(shown({ rate_limit: { ...limit, status: "allowed" } })).toContain("passed");
    const unread = shown({ rate_limit: { policy: "", status: "error", error: "column 3: found `x`" } });
    expect(unread).toMatch(/passed without a limit.*column 3/s);
  });

  it("tells what each guard said", () => {
    expect(shown({ guards: [guard], threat: false })).toMatch(/Guard shield.*passed \(security\).*none found/s);
    expect(shown({ guards: [{ ...guard, is_denied: true, reason: "injection" }], threat: true })).toMatch(/refused \(security\): injection.*found/s);
    expect(shown({ guards: [{ ...guard, reason: "timed out" }] })).toContain("not asked (security): timed out");
  });

  it("tells a miss, a fallback, a proxy key and what the application logged itself", () => {
    const miss = { status: "miss", reference_id: null, bucket_index: null, saved_ms: null, saved_cost_usd: null, saved_prompt_tokens: null, saved_completion_tokens: null };
    const markup = shown({ cache: miss, fallback_index: 1, proxy_key_id: "0b1de6a5-0f5e-4f0e-8a53-6f4f3c4f0a11", source: "manual" });
    for (const text of ["miss", "target 2 answered", "0b1de6a5", "logged by the application"]) expect(markup).toContain(text);
  });

  it("says of a hit what it saved, and what is not known of it", () => {
    const markup = shown({
      cache: { status: "hit", reference_id: null, bucket_index: 3, saved_ms: 1496, saved_cost_usd: null, saved_prompt_tokens: 22, saved_completion_tokens: null },
    });
    for (const text of ["hit, slot 3", "1.50 s", "22", "unknown: the original answer", "unknown: the original answer does not say"]) expect(markup).toContain(text);
  });
});
