import { describe, expect, it } from "vitest";
import { assembleStream } from "./assemble";
import { looksLikeSse, parseSse } from "./sse";

const chat = (delta: object, finish: string | null = null) =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;

describe("event streams", () => {
  it.each(["\n", "\r\n", "\r"])("reads events with line end %j", (end) => {
    const text = [": ping", "event: a", "data: 1", "data:2", "", "data: 3"].join(end);
    expect(parseSse(text)).toEqual([
      { event: "a", data: "1\n2" },
      { event: null, data: "3" },
    ]);
  });

  it.each([
    ["data: {}\n\n", true],
    [": OPENROUTER PROCESSING\n\ndata: {}\n\n", true],
    ["event: message_start\ndata: {}\n\n", true],
    ["id: 7\ndata: {}\n\n", true],
    ['{"data": 1}', false],
    ["plain text\ndata: x", false],
  ])("recognises %j", (text, expected) => expect(looksLikeSse(text)).toBe(expected));

  it("decides in linear time", () => expect(looksLikeSse(`${"\n".repeat(100_000)}x`)).toBe(false));
});

describe("assembling", () => {
  it("joins chat deltas and sees the end", () => {
    const body = `${chat({ role: "assistant", content: "" })}${chat({ content: "Hel" })}${chat({ content: "lo" }, "stop")}data: {"choices":[],"usage":{}}\n\ndata: [DONE]\n\n`;
    expect(assembleStream(body)).toEqual({
      text: "Hello",
      reasoning: "",
      toolCalls: [],
      finishReason: "stop",
      ended: true,
    });
  });

  it("joins the pieces of parallel tool calls by index", () => {
    const piece = (index: number, name: string | undefined, text: string) => ({
      tool_calls: [{ index, function: { name, arguments: text } }],
    });
    const body = chat(piece(0, "weather", "")) + chat(piece(1, "time", "{}")) + chat(piece(0, undefined, '{"c":1}'));
    expect(assembleStream(body)?.toolCalls).toEqual([
      { name: "weather", arguments: '{"c":1}' },
      { name: "time", arguments: "{}" },
    ]);
  });

  it("keeps what a cut stream said and knows that it was cut", () => {
    const body = `${chat({ content: "Hel" })}data: {"choices":[{"del`;
    expect(assembleStream(body)).toMatchObject({ text: "Hel", ended: false });
  });

  it("joins the events of the Responses API", () => {
    const events = [
      { type: "response.created" },
      { type: "response.output_text.delta", delta: "Hi" },
      { type: "response.output_item.done", item: { type: "function_call", name: "f", arguments: "{}" } },
      { type: "response.completed" },
    ];
    const body = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("");
    expect(assembleStream(body)).toMatchObject({
      text: "Hi",
      toolCalls: [{ name: "f", arguments: "{}" }],
      ended: true,
    });
  });

  it("leaves streams of other shapes alone", () => {
    expect(assembleStream('data: {"type":"message_start"}\n\n')).toBeNull();
    expect(assembleStream("data: not json\n\n")).toBeNull();
  });
});
