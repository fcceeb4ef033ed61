import { describe, expect, it } from "vitest";
import type { HeliconeRequest } from "../api/types";
import { handledTags } from "./handled";

type Handled = Parameters<typeof handledTags>[0];

const plain: Handled = { cache: null, rate_limit: null, fallback_index: null, attempts: [], guards: [], source: "gateway", usage_hint: null };
const attempt = {} as HeliconeRequest["attempts"][number];
const miss = { status: "miss", reference_id: null, bucket_index: null, saved_ms: null, saved_cost_usd: null, saved_prompt_tokens: null, saved_completion_tokens: null };
const texts = (change: Partial<Handled>) => handledTags({ ...plain, ...change }).map(({ text }) => text);

describe("tags of a request", () => {
  it("are none for a call that was only passed on", () => {
    expect(texts({})).toEqual([]);
    expect(texts({ cache: miss, rate_limit: { policy: "1;w=60", status: "allowed", error: null }, attempts: [attempt], fallback_index: 0 })).toEqual([]);
  });

  it("tell that a mapping is waited for", () => {
    expect(texts({ usage_hint: "Model is pending mapping" })).toEqual(["pending mapping"]);
    expect(texts({ usage_hint: "set stream_options.include_usage" })).toEqual([]);
  });

  it("tell hits, refusals, fallbacks and retries", () => {
    expect(texts({ cache: { ...miss, status: "hit" } })).toEqual(["cached"]);
    expect(texts({ rate_limit: { policy: "1;w=60", status: "refused", error: null } })).toEqual(["limited"]);
    expect(texts({ guards: [{ name: "g", kind: "moderation", is_denied: true, reason: null, took_ms: 1 }] })).toEqual(["guarded"]);
    expect(texts({ attempts: [attempt, attempt] })).toEqual(["retried"]);
    expect(texts({ attempts: [attempt, attempt], fallback_index: 1 })).toEqual(["fallback"]);
    expect(texts({ source: "manual" })).toEqual(["logged"]);
  });
});
