import { describe, expect, it } from "vitest";
import type { HeliconeRequest } from "../api/types";
import type { Conversation, Message } from "../conversation/types";
import { saidIn, withoutRepeated } from "./said";
import { costFigure, lacking, sumCalls } from "./sums";
import { extentOf, pan, place, spansOf, ticksOf, zoom } from "./timeline";
import { foldable, linesOf, pathOf, treeOf } from "./tree";

const START = Date.parse("2026-11-22T12:00:00.000Z");

/** A call that began `afterMs` after noon. */
function call(id: string, path: string | null, afterMs: number, more: Partial<HeliconeRequest> = {}): HeliconeRequest {
  const properties = path === null ? {} : { "Helicone-Session-Path": path };
  const facts = { request_id: id, request_created_at: new Date(START + afterMs).toISOString(), response_status: 200, delay_ms: 100, cost_nano_usd: 1_000_000, cost_status: "priced" };
  return { ...facts, prompt_tokens: 10, completion_tokens: 5, properties, ...more } as HeliconeRequest;
}

const shown = (calls: HeliconeRequest[], closed: string[] = []) =>
  linesOf(treeOf(calls), new Set(closed)).map((line) => `${"  ".repeat(line.depth)}${line.kind === "path" ? line.node.name : line.call.request_id}`);

describe("the tree of a session", () => {
  const calls = [call("d", "/plan/search/web", 300), call("a", "/plan", 0), call("c", " plan / search ", 200), call("b", "/answer", 100), call("e", null, 400)];

  it("has calls at their paths, in the order of time", () =>
    expect(shown(calls)).toEqual(["e", "plan", "  a", "  search", "    c", "    web", "      d", "answer", "  b"]));

  it("shows nothing below what is folded", () => expect(shown(calls, ["/plan/search"])).toEqual(["e", "plan", "  a", "  search", "answer", "  b"]));

  it("adds up what is at and below a place", () => {
    const [plan] = treeOf(calls).children;
    expect(plan?.sums).toEqual({ requests: 3, failed: 0, usd: 0.003, withoutCost: 0, tokens: 45, withoutTokens: 0, startMs: START, endMs: START + 400 });
    expect(plan?.calls.length).toBe(1);
  });

  it("takes paths that differ in slashes and spaces only for one", () => {
    expect(["/a/b", "a/b/", " a //b "].map((path) => pathOf(call("x", path, 0)))).toEqual(["/a/b", "/a/b", "/a/b"]);
    expect(pathOf(call("x", null, 0))).toBe("");
  });

  it("knows what can be folded, also where a part is called like one of an object's own members", () => {
    expect(foldable(treeOf(calls))).toEqual(["/plan", "/plan/search", "/plan/search/web", "/answer"]);
    expect(shown([call("a", "/constructor/__proto__", 0)])).toEqual(["constructor", "  __proto__", "    a"]);
  });

  it("is empty without calls", () => {
    expect(shown([])).toEqual([]);
    expect(treeOf([]).sums).toBeNull();
  });
});

describe("sums of calls", () => {
  it("count what is not known instead of taking it for nothing", () => {
    const sums = sumCalls([call("a", null, 0), call("b", null, 50, { cost_nano_usd: 0, cost_status: "no_price", prompt_tokens: null, completion_tokens: null, response_status: 500 } as Partial<HeliconeRequest>)]);
    expect(sums).toMatchObject({ usd: 0.001, withoutCost: 1, tokens: 15, withoutTokens: 1, failed: 1 });
    expect(lacking(sums?.withoutCost ?? 0, "the cost")).toBe("at least: the cost of one call is not known");
    expect(costFigure({ requests: 1, usd: 0, withoutCost: 1 }).known).toBe(false);
  });
});

describe("the timeline of a session", () => {
  const spans = spansOf([call("b", "/two", 1000, { delay_ms: 3000 }), call("a", "/one", 0), call("c", "/one", 2000)]);
  const extent = extentOf(spans);

  it("has a bar for each call, and one colour for each path", () => {
    expect(spans.map(({ call: { request_id: id }, colour }) => [id, colour])).toEqual([["a", 0], ["b", 1], ["c", 0]]);
    expect([extent.startMs - START, extent.endMs - START]).toEqual([0, 4000]);
    expect(place(spans[1]!, extent)).toEqual({ from: 0.25, length: 0.75 });
  });

  it("zooms about an instant, and never beyond its ends", () => {
    expect(zoom(extent, extent, 0.5, START + 2000)).toEqual({ startMs: START + 1000, endMs: START + 3000 });
    expect(zoom(extent, extent, 0.5, START)).toEqual({ startMs: START, endMs: START + 2000 });
    expect(zoom(extent, extent, 4, START + 4000)).toEqual(extent);
    expect(pan({ startMs: START, endMs: START + 1000 }, extent, 5)).toEqual({ startMs: START + 3000, endMs: START + 4000 });
    expect(pan({ startMs: START + 1000, endMs: START + 2000 }, extent, -2)).toEqual({ startMs: START, endMs: START + 1000 });
  });

  it("cuts bars at the edge and leaves those out of sight away", () => {
    const view = { startMs: START + 2000, endMs: START + 3000 };
    expect(place(spans[1]!, view)).toEqual({ from: 0, length: 1 });
    expect(place(spans[0]!, view)).toBeNull();
  });

  it("has lines at round times", () => {
    expect(ticksOf(extent, START, 4).map(({ text }) => text)).toEqual(["0", "1 s", "2 s", "3 s", "4 s"]);
    expect(ticksOf({ startMs: START + 20, endMs: START + 120 }, START, 5).map(({ text }) => text)).toEqual(["20 ms", "40 ms", "60 ms", "80 ms", "100 ms", "120 ms"]);
    expect(ticksOf({ startMs: START, endMs: START + 3 * 86_400_000 }, START, 3).map(({ text }) => text)).toEqual(["0", "1 d", "2 d", "3 d"]);
  });

  it("gives a single call without a duration some room", () => {
    const [alone] = [extentOf(spansOf([call("a", null, 0, { delay_ms: 0 })]))];
    expect(alone.endMs - alone.startMs).toBe(10);
  });
});

describe("what is said in a session", () => {
  const conversation = (asked: Message[], answered: Message[]) => ({ schema: { request: { messages: asked }, response: { messages: answered } } }) as unknown as Conversation;
  const user = (content: string): Message => ({ _type: "message", role: "user", content });
  const model = (content: string): Message => ({ _type: "message", role: "assistant", content });

  it("is shown once", () => {
    const first = conversation([user("Plan a trip")], [{ ...model("Where to?"), id: "m1", finish_reason: "stop" }]);
    const second = conversation([user("Plan a trip"), model("Where to?"), user("Rome")], [model("Fine")]);
    const shorter = withoutRepeated(second, saidIn([first]));
    expect(shorter.repeated).toBe(2);
    expect(shorter.conversation.schema.request?.messages).toEqual([user("Rome")]);
    expect(shorter.conversation.schema.response?.messages).toEqual([model("Fine")]);
  });

  it("stays as it is where nothing was said before", () => {
    const only = conversation([user("Hello")], []);
    expect(withoutRepeated(only, new Set())).toEqual({ conversation: only, repeated: 0 });
  });
});
