import { describe, expect, it } from "vitest";
import type { SseEvent } from "./sse";
import { readEvents } from "./events";

const text = ': heartbeat\n\nevent: request\ndata: {"name":"Zürich"}\n\nevent: done\r\ndata: 1\r\ndata: 2\r\n\r\ndata: last';
const expected: SseEvent[] = [
  { event: "request", data: '{"name":"Zürich"}' },
  { event: "done", data: "1\n2" },
  { event: null, data: "last" },
];

describe("events of an answer", () => {
  it.each([1, 2, 3, 7, 1000])("are the same in pieces of %d bytes", async (size) => {
    const bytes = new TextEncoder().encode(text);
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
        controller.close();
      },
    });
    const events: SseEvent[] = [];
    for await (const event of readEvents(new Response(body))) events.push(event);
    expect(events).toEqual(expected);
  });
});
