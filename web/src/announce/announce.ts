/** What just happened, in one sentence: shown for a while and read out by screen readers. */

// Screen readers miss what is said while a dialog covers the page; it closes meanwhile, and lists are drawn again.
const DELAY_MS = 100;
const SHOWN_MS = 6000;

let sentence = "";
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

export function readAnnouncement(): string {
  return sentence;
}

export function subscribeToAnnouncements(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Announces `text`; `meanwhile` runs at the moment when it appears. */
export function announce(text: string, meanwhile?: () => void): void {
  clearTimeout(timer);
  timer = setTimeout(() => {
    change(text);
    meanwhile?.();
    timer = setTimeout(() => change(""), SHOWN_MS);
  }, DELAY_MS);
}

function change(text: string): void {
  sentence = text;
  for (const listener of listeners) listener();
}
