/** One dispatched event of a server-sent event stream. */
export interface SseEvent {
  event: string | null;
  data: string;
}

/** Returns the events of a stored stream; comments and unknown fields are skipped, an unterminated last event is kept. */
export function parseSse(text: string): SseEvent[] {
  const events: SseEvent[] = [];
  let event: string | null = null;
  let data: string[] = [];
  const dispatch = () => {
    if (data.length > 0) events.push({ event, data: data.join("\n") });
    event = null;
    data = [];
  };
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (line === "") dispatch();
    else if (field(line, "data") !== null) data.push(field(line, "data") ?? "");
    else if (field(line, "event") !== null) event = field(line, "event");
  }
  dispatch();
  return events;
}

/** Says whether a stored body reads like a server-sent event stream. */
export function looksLikeSse(text: string): boolean {
  return /^\uFEFF?(?:(?::[^\r\n]*|(?:id|retry):[^\r\n]*)?[\r\n])*(?:data|event):/.test(text);
}

function field(line: string, name: string): string | null {
  if (!line.startsWith(`${name}:`)) return null;
  const value = line.slice(name.length + 1);
  return value.startsWith(" ") ? value.slice(1) : value;
}
