/** Sends a request again, waits until the new one is logged, and opens it. */
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { announce } from "../announce/announce";
import type { ApiClient } from "../api/client";
import { isLogged, replayRequest } from "../api/requests";
import { useClient } from "../session/ClientContext";

const POLL_MS = 500;
/** A call is logged when its answer has ended, which takes long for some. */
const PATIENCE_MS = 120_000;

export interface ReplayOrder {
  key: string;
  body: string | undefined;
}

/** Returns the mutation that sends `requestId` again; who leaves meanwhile is not taken anywhere. */
export function useReplay(requestId: string, onDone: () => void) {
  const client = useClient();
  const navigate = useNavigate();
  const left = useRef<AbortController>(null);
  useEffect(() => {
    const controller = new AbortController();
    left.current = controller;
    return () => controller.abort();
  }, []);
  return useMutation<string, Error, ReplayOrder>({
    mutationFn: async ({ key, body }) => {
      const sent = await replayRequest(client, requestId, body === undefined ? { key } : { key, body });
      await waitUntilLogged(client, sent.request_id, left.current?.signal);
      return sent.request_id;
    },
    // The key is a part of what was asked for.
    gcTime: 0,
    onSuccess: (newId) => {
      if (left.current?.signal.aborted) return;
      onDone();
      announce("The new request is logged");
      void navigate({ to: "/requests/$requestId", params: { requestId: newId } });
    },
  });
}

/** Waits until a request is logged. */
async function waitUntilLogged(client: ApiClient, requestId: string, signal?: AbortSignal): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!(await isLogged(client, requestId, signal))) {
    if (Date.now() > end) throw new Error(`The request was sent as ${requestId}, and is not logged yet: its answer goes on.`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
