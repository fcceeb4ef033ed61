import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { curlOf, guessGateway, quote } from "./curl";

const request = {
  method: "POST",
  request_path: "/v1/chat/completions?x=1",
  target_url: "https://api.openai.com/v1/chat/completions?x=1",
  request_body: { model: "gpt-4o", messages: [{ role: "user", content: "it's" }] },
};

describe("curl", () => {
  it("repeats the call through the gateway without any key", () => {
    expect(curlOf(request, "http://localhost:8787")).toBe(
      [
        "curl -X POST 'http://localhost:8787/v1/chat/completions?x=1'",
        '-H "Helicone-Auth: Bearer $GATEHOUSE_API_KEY"',
        "-H 'Helicone-Target-Url: https://api.openai.com'",
        '-H "Authorization: Bearer $PROVIDER_API_KEY"',
        "-H 'Content-Type: application/json'",
        `--data-raw '{"model":"gpt-4o","messages":[{"role":"user","content":"it'\\''s"}]}'`,
      ].join(" \\\n  "),
    );
  });

  it("finds the path in a full request address", () => {
    const text = curlOf({ ...request, request_path: request.target_url }, "http://g:8787");
    expect(text).toContain("'http://g:8787/v1/chat/completions?x=1'");
  });

  it.each(["truncated", "omitted"] as const)("refuses to repeat a %s body", (state) => {
    expect(curlOf({ ...request, request_body_state: state }, "http://g")).toBeNull();
  });

  it("refuses to repeat a body that is not text", () => {
    const body = { helicone_message: "the body is not text", base64: "AAEC" };
    expect(curlOf({ ...request, request_body: body }, "http://g")).toBeNull();
  });

  it("sends no body where there was none", () => {
    const text = curlOf({ ...request, method: "GET", request_body: null, request_body_state: "empty" }, "http://g");
    expect(text).not.toContain("--data-raw");
  });

  it.each(["plain", "it's", "$HOME `id` \\ \"", "two\nlines", "''"])("quotes %j for a shell", (text) => {
    expect(execFileSync("sh", ["-c", `printf %s ${quote(text)}`], { encoding: "utf8" })).toBe(text);
  });

  it("guesses the gateway beside the dashboard", () => {
    expect(guessGateway({ protocol: "http:", hostname: "box.lan" })).toBe("http://box.lan:8787");
  });
});
