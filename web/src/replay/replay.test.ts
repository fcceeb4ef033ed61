import { describe, expect, it } from "vitest";
import type { HeliconeRequest } from "../api/types";
import { parseGateway } from "./gateway";
import { bodyTextOf, changedBody, checkBody, replayCommand } from "./replay";

const request = {
  method: "POST",
  request_path: "/v1/chat/completions",
  target_url: "https://api.openai.com/v1/chat/completions",
  request_body: { model: "gpt-4o", stream: true },
  request_body_state: "stored",
  request_user_id: "ada",
} as unknown as HeliconeRequest;

describe("replay", () => {
  it("asks again with the edited body, by keys that stay in the shell", () => {
    const command = replayCommand(request, { gateway: "https://llm.example.com", body: '{\n  "model": "gpt-4o-mini"\n}', key: "provider" });
    expect(command).toContain("curl -X POST 'https://llm.example.com/v1/chat/completions'");
    expect(command).toContain('"Helicone-Auth: Bearer $GATEHOUSE_API_KEY"');
    expect(command).toContain('"Authorization: Bearer $PROVIDER_API_KEY"');
    expect(command).toContain(`--data-raw '{"model":"gpt-4o-mini"}'`);
  });

  it("takes a proxy key alone", () => {
    const command = replayCommand(request, { gateway: "http://localhost:8787", body: "{}", key: "proxy" });
    expect(command).toContain('"Authorization: Bearer $GATEHOUSE_PROXY_KEY"');
    expect(command).not.toMatch(/PROVIDER_API_KEY|Helicone-Auth/);
  });

  it("says when JSON is none any more, and leaves other text alone", () => {
    expect(checkBody("{", { a: 1 })).toContain("no JSON");
    expect(checkBody('{"a":2}', { a: 1 })).toBeNull();
    expect(checkBody("{", "plain text")).toBeNull();
    expect(bodyTextOf({ a: 1 })).toBe('{\n  "a": 1\n}');
    expect(bodyTextOf(null)).toBe("");
  });

  it("gives another body only when there is one", () => {
    expect(changedBody(bodyTextOf({ a: 1 }), { a: 1 })).toBeUndefined();
    expect(changedBody('{ "a": 1 }', { a: 1 })).toBe('{ "a": 1 }');
    expect(changedBody("", null)).toBeUndefined();
  });
});

describe("address of the gateway", () => {
  it.each([
    ["https://llm.example.com/", "https://llm.example.com"],
    [" http://10.0.0.5:8787 ", "http://10.0.0.5:8787"],
    ["https://example.com/llm/", "https://example.com/llm"],
    ["llm.example.com", null],
    ["ftp://example.com", null],
  ])("reads %j as %j", (typed, address) => expect(parseGateway(typed)).toBe(address));
});
