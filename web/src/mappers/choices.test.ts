import { describe, expect, it } from "vitest";
import type { MapperDetail } from "../api/types";
import { choiceOf, choicesToSend, describeMapping, fieldsToPointAt, settledChoices, settledPointers } from "./choices";

const text = (path: string) => ({ score: 0.9, reasons: [], examples: [], mapping: { text: { path, join: "", pick: "all" } } });
const field = (name: string, decision: string, paths: string[], streamed = false) => ({ field: name, streamed, decision, reason: "", candidates: paths.map(text) });

describe("choices", () => {
  const fields = [field("text", "pending", ["/a", "/b"]), field("prompt", "active", ["/p"])];

  it("are the best candidates of what waits, and nothing of what is sure", () => {
    expect(choicesToSend(fields, {}, {})).toEqual([{ field: "text", streamed: false, candidate: 0 }]);
  });

  it("are what was chosen, and places that were pointed at", () => {
    const chosen = { text: { kind: "candidate", index: 1 }, prompt: { kind: "pointer", pointer: " /q " } } as const;
    expect(choicesToSend(fields, chosen, { input_tokens: "/in ", output_tokens: " " })).toEqual([
      { field: "text", streamed: false, candidate: 1 },
      { field: "prompt", streamed: false, pointer: "/q" },
      { field: "input_tokens", pointer: "/in" },
    ]);
  });

  it("say the streamed side again where the other is emptied", () => {
    const both = [field("text", "active", ["/delta"], true), field("text", "active", ["/a"])];
    expect(choicesToSend(both, { text: { kind: "nothing" } }, {})).toEqual([
      { field: "text", streamed: false, nothing: true },
      { field: "text", streamed: true, candidate: 0 },
    ]);
  });

  it("leave what an administrator settled as it is", () => {
    const document = { request: { prompt: null }, response: { text: { path: "/b", join: "", pick: "all" }, model: "/m" }, pinned: ["text", "prompt", "response_model"] };
    const detail = {
      mapper: { active_version: 2 },
      versions: [{ version: 1, document: { pinned: ["finish"] } }, { version: 2, document }],
      fields: [...fields, field("response_model", "pending", ["/other"]), field("finish", "pending", ["/f"])],
    } as unknown as MapperDetail;
    expect(settledChoices(detail)).toEqual({ text: { kind: "candidate", index: 1 }, prompt: { kind: "nothing" }, response_model: { kind: "pointer", pointer: "/m" } });
    expect(settledChoices({ ...detail, mapper: { ...detail.mapper, active_version: null } })).toEqual({});
  });

  it("keep the places that an administrator pointed at", () => {
    const document = { request: { model: { path: "/m" }, prompt: { path: "/p" } }, response: { usage: { input: "/in", output: "/out" } }, pinned: ["input_tokens", "model", "text", "finish"] };
    const detail = { mapper: { active_version: 1 }, versions: [{ version: 1, document }], fields: [field("text", "active", ["/a"])] } as unknown as MapperDetail;
    expect(settledPointers(detail)).toEqual({ input_tokens: "/in", model: "/m" });
  });

  it("are nothing where there is no candidate", () => {
    expect(choiceOf(field("text", "missing", []), {})).toEqual({ kind: "nothing" });
    expect(choicesToSend([field("text", "missing", [])], {}, {})).toEqual([]);
  });
});

describe("fields", () => {
  it("can be pointed at where nothing was found", () => {
    expect(fieldsToPointAt([{ field: "text" }, { field: "usage" }])).toContain("input_tokens");
    expect(fieldsToPointAt([{ field: "text" }])).not.toContain("text");
  });
});

describe("a candidate", () => {
  it("says where it reads", () => {
    expect(describeMapping(text("/turn/said"))).toEqual([{ name: "path", value: "/turn/said" }]);
    const usage = { usage: { input: "/in", output: "/out", cached: null, input_includes_cached: false, identity: "input_output" } };
    expect(describeMapping({ mapping: usage }).map(({ name, value }) => `${name} ${value}`)).toEqual(["input /in", "output /out", "identity input_output"]);
    expect(describeMapping({ mapping: { path: "/model" } })).toEqual([{ name: "", value: "/model" }]);
    expect(describeMapping({ mapping: { messages: { each: "/m/*", content: ["/t", "/u"], roles: { human: "user" } } } }).map(({ value }) => value)).toEqual(["/m/*", "/t", "/u", "user"]);
  });
});
