import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import type { Json } from "../api/types";
import { ConversationView } from "./ConversationView";
import type { Conversation, Message, RequestBody, ResponseBody } from "./types";

interface Said {
  request?: RequestBody | null;
  response?: ResponseBody | null;
  reading?: Conversation["reading"];
  body?: Json;
}

const shown = ({ request = null, response = null, reading = { request: "whole", response: "whole" }, body }: Said) => {
  const conversation = { _type: "openai-chat", schema: { request, response }, reading } as unknown as Conversation;
  return renderToStaticMarkup(<ConversationView conversation={conversation} requestBody={body} responseBody={body} />);
};
const answered = (...messages: Message[]) => shown({ response: { messages } });

const PNG = "data:image/png;base64,iVBORw0KGgo=";

describe("a conversation", () => {
  it("shows text as text, whatever it looks like", () => {
    const hostile = '<img src=x onerror=alert(1)><script>alert(2)</script> [a](javascript:alert(3)) "quoted"';
    const everywhere: Message = {
      _type: "functionCall",
      role: hostile,
      name: hostile,
      content: hostile,
      reasoning: hostile,
      finish_reason: hostile,
      tool_calls: [{ id: hostile, name: hostile, arguments: { [hostile]: hostile } }],
      annotations: [{ type: hostile, url: "javascript:alert(4)", title: hostile, content: hostile }],
      contentArray: [
        { _type: "image", image_url: hostile },
        { _type: "image", image_url: `${PNG}" onerror="alert(5)` },
        { _type: "file", filename: hostile, file_data: "javascript:alert(6)" },
        { _type: "audio", audio_data: hostile, mime_type: "text/html" },
        { _type: "function", content: hostile, tool_call_id: hostile },
      ],
    };
    const markup = shown({
      request: { messages: [everywhere], tools: [{ name: hostile, description: hostile }], input: [hostile] },
      response: { messages: [everywhere], error: { heliconeMessage: hostile } },
    });
    expect(markup).toContain("&lt;script&gt;");
    expect(markup).not.toMatch(/<script|<img|<audio|<iframe|<svg/);
    expect(markup).not.toMatch(/(?:href|src)="(?:javascript|data:text|data:image\/svg)/i);
  });

  it("shows pictures of the body at once, and those of others on demand", () => {
    const markup = answered({
      _type: "contentArray",
      role: "user",
      contentArray: [
        { _type: "image", image_url: PNG, filename: "dot.png" },
        { _type: "image", image_url: "https://example.com/cat.jpg" },
        { _type: "image", file_id: "file-7" },
        { _type: "image", image_url: "data:image/svg+xml;base64,PHN2Zz4=" },
      ],
    });
    expect(markup.match(/<img/g)).toHaveLength(1);
    expect(markup).toContain(`src="${PNG}" alt="Picture dot.png"`);
    expect(markup).toContain("Load image from example.com");
    expect(markup).toContain("file-7");
    expect(markup).not.toContain('src="https://example.com');
  });

  it("plays sound and lets files be saved", () => {
    const markup = answered(
      { _type: "audio", role: "assistant", audio_data: "SUQz", mime_type: "audio/mpeg", content: "Hello" },
      { _type: "file", role: "user", filename: "a.pdf", file_data: "JVBERi0=", mime_type: "application/pdf" },
    );
    expect(markup).toContain('src="data:audio/mpeg;base64,SUQz"');
    expect(markup).toContain("Hello");
    expect(markup).toContain('href="data:application/octet-stream;base64,JVBERi0=" download="a.pdf"');
  });

  it("names calls, their arguments and what they returned", () => {
    const markup = shown({
      request: { messages: [{ _type: "function", role: "tool", tool_call_id: "call_1", content: '{"degrees":4}' }] },
      response: { messages: [{ _type: "functionCall", role: "assistant", tool_calls: [{ id: "call_2", name: "get_weather", arguments: { city: "Bern" } }] }] },
    });
    expect(markup).toContain("Tool result");
    expect(markup).toContain("degrees");
    expect(markup).toContain('aria-label="Tool call get_weather"');
    expect(markup).toContain("city");
    expect(markup).toContain("Bern");
  });

  it("folds reasoning and long instructions", () => {
    const markup = answered({ _type: "message", role: "system", content: "x".repeat(700) }, { _type: "message", role: "assistant", content: "Yes", reasoning: "Hm." });
    expect(markup).toMatch(/<details><summary[^>]*>700 characters of instructions/);
    expect(markup).toMatch(/<details><summary[^>]*>Reasoning/);
    expect(answered({ _type: "message", role: "system", content: "Be kind." })).not.toContain("<details");
  });

  it("links to sources on the web only", () => {
    const markup = answered({
      _type: "message",
      role: "assistant",
      content: "It rained.",
      annotations: [
        { type: "url_citation", url: "https://example.com/rain", title: "Rain" },
        { type: "url_citation", url: "ftp://example.com/x", title: "Elsewhere" },
      ],
    });
    expect(markup.match(/<a /g)).toHaveLength(1);
    expect(markup).toMatch(/<a href="https:\/\/example.com\/rain" target="_blank" rel="noopener noreferrer nofollow"/);
    expect(markup).toContain("Elsewhere");
  });

  it("tells several answers apart, and how the unusual ones ended", () => {
    const markup = answered({ _type: "message", role: "assistant", content: "one", finish_reason: "stop" }, { _type: "message", role: "assistant", content: "uno", finish_reason: "length" });
    expect(markup).toContain("answer 2 of 2");
    expect(markup.match(/Ended with/g)).toHaveLength(1);
  });

  it("never pretends that there is nothing", () => {
    const pending = shown({ reading: { request: "pending", response: "pending" }, body: { turn: { utterance: "Hello" } } });
    expect(pending).toContain("Model is pending mapping");
    expect(pending).toContain("utterance");
    expect(shown({ reading: { request: "omitted", response: "absent" } })).toContain("omitted from the log");
    const cut = shown({ request: { messages: [{ _type: "message", role: "user", content: "A long sto" }] }, reading: { request: "cut", response: "absent" } });
    expect(cut).toContain("The end of this body is missing");
    expect(cut).toContain("A long sto");
  });

  it("folds the earliest of many messages", () => {
    const messages = Array.from({ length: 130 }, (_, at): Message => ({ _type: "message", role: "user", content: `number ${at}.` }));
    const markup = shown({ request: { messages } });
    expect(markup).toContain("30 earlier messages");
    expect(markup).toContain("number 129.");
  });
});
