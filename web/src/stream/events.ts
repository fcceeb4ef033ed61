/** Server-sent events of an answer, one after the other while they come in. */
import { parseSse, type SseEvent } from "./sse";

/** What lies between two events. */
const BOUNDARY = /\r\n\r\n|\n\n|\r\r/;

/** Yields the events of an answer until it ends. */
export async function* readEvents(response: Response): AsyncGenerator<SseEvent> {
  if (response.body === null) return;
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
      const parts = rest.split(BOUNDARY);
      rest = done ? "" : (parts.pop() ?? "");
      for (const part of parts) yield* parseSse(part);
      if (done) return;
    }
  } finally {
    // Whoever stops listening ends the call.
    void reader.cancel().catch(() => undefined);
  }
}
