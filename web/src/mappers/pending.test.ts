import { describe, expect, it } from "vitest";
import { mapperOf, maybeUnmapped, pendingMapper } from "./pending";

const mapper = { host: "llm.unknown.example", method: "POST", path: "/v1/:p/turns", status: "PENDING_CREATION" };
const call = {
  usage_source: "none",
  usage_hint: null,
  response_status: 200,
  method: "POST",
  target_url: "https://LLM.unknown.example/v1/acme/turns",
  request_path: "/v1/acme/turns?trace=1",
};

describe("a call's mapper", () => {
  it("is the one of its host, method and path", () => {
    expect(mapperOf(call, [{ ...mapper, host: "other.example" }, mapper])).toBe(mapper);
    for (const change of [{ method: "GET" }, { request_path: "/v1/acme/turns/2" }, { request_path: "/v2/acme/turns" }, { target_url: "not an address" }]) {
      expect(mapperOf({ ...call, ...change }, [mapper])).toBeUndefined();
    }
  });

  it("is waited for until it reads calls, or nobody wants it to", () => {
    expect(pendingMapper(call, [mapper])).toBe(mapper);
    for (const status of ["ACTIVE", "DECLINED", "FAILED"]) expect(pendingMapper(call, [{ ...mapper, status }])).toBeUndefined();
  });

  it("is not looked for where counts are known, or a hint says how to have them", () => {
    expect(maybeUnmapped(call)).toBe(true);
    for (const change of [{ usage_source: "provider" }, { usage_hint: "set stream_options.include_usage" }, { response_status: 500 }]) {
      expect(maybeUnmapped({ ...call, ...change })).toBe(false);
    }
  });
});
