import { useEffect, useRef } from "react";
import type { ApiClient } from "../api/client";
import { queryRequests, tailRequests } from "../api/requests";
import type { FilterNode, HeliconeRequest } from "../api/types";
import { useClient } from "../session/ClientContext";
import { readEvents } from "../stream/events";

/** Between two tries to follow. */
const AGAIN_MS = 2000;
/** The newest requests are read again this often: what is known of them may have changed. */
const REFRESH_MS = 5000;
/** So many are. */
const NEWEST = 100;
/** Rows that come at once are told together. */
const TOGETHER_MS = 100;

/**
 * Follows the requests that fit a filter and tells `onRows` those that came or may have changed, the newest first.
 * The newest ones are also read now and then: none is missed when the connection goes, and costs, counts and feedback come later than the calls.
 */
export function useTail(filter: FilterNode, isEnabled: boolean, onRows: (rows: HeliconeRequest[]) => void): void {
  const client = useClient();
  const tell = useRef(onRows);
  useEffect(() => {
    tell.current = onRows;
  });
  const text = JSON.stringify(filter);
  useEffect(() => {
    if (!isEnabled) return;
    const controller = new AbortController();
    const batch = new Batch((rows) => tell.current(rows));
    const followed = JSON.parse(text) as FilterNode;
    void follow(client, followed, batch, controller.signal);
    const timer = setInterval(() => document.hidden || void refresh(client, followed, batch, controller.signal), REFRESH_MS);
    return () => {
      clearInterval(timer);
      controller.abort();
      batch.stop();
    };
  }, [client, text, isEnabled]);
}

async function follow(client: ApiClient, filter: FilterNode, batch: Batch, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const response = await tailRequests(client, filter, signal);
      await refresh(client, filter, batch, signal);
      for await (const { event, data } of readEvents(response)) if (event === "request") batch.add([JSON.parse(data) as HeliconeRequest]);
    } catch {
      // The connection went, or the server is not there: it is tried again below.
    }
    if (!signal.aborted) await pause(AGAIN_MS, signal);
  }
}

async function refresh(client: ApiClient, filter: FilterNode, batch: Batch, signal: AbortSignal): Promise<void> {
  try {
    batch.add(await queryRequests(client, { filter, limit: NEWEST, sort: { created_at: "desc" } }, signal));
  } catch {
    // The next time may do better.
  }
}

/** Collects rows for a moment, so that many calls a second are not as many changes of the page. */
class Batch {
  readonly #tell: (rows: HeliconeRequest[]) => void;
  #rows: HeliconeRequest[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(tell: (rows: HeliconeRequest[]) => void) {
    this.#tell = tell;
  }

  add(rows: HeliconeRequest[]): void {
    this.#rows.push(...rows);
    if (this.#rows.length > 0) this.#timer ??= setTimeout(() => this.#flush(), TOGETHER_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#rows = [];
  }

  #flush(): void {
    this.#timer = undefined;
    const rows = this.#rows.toSorted((one, other) => other.request_created_at.localeCompare(one.request_created_at));
    this.#rows = [];
    this.#tell(rows);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
