import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { ApiError } from "./api/client";
import { forget, readSession, subscribeToSession } from "./session/session";

const MAX_RETRIES = 2;

export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: endRefusedSession }),
  mutationCache: new MutationCache({ onError: endRefusedSession }),
  defaultOptions: {
    mutations: { networkMode: "always" },
    queries: {
      // A refusal does not change by asking again; an unreachable or failing server may.
      retry: (failures, error) => failures < MAX_RETRIES && error instanceof ApiError && (error.status === 0 || error.status >= 500),
      // The server is often this very machine: being offline says nothing about reaching it.
      networkMode: "always",
    },
  },
});

// What one caller could see must not be shown to the next.
subscribeToSession(() => {
  if (readSession().credential === null) queryClient.clear();
});

function endRefusedSession(error: Error): void {
  const { credential } = readSession();
  if (!(error instanceof ApiError) || error.status !== 401 || credential === null) return;
  forget("key" in credential ? "The server no longer accepts this key. Sign in again." : "Your session has ended. Sign in again.");
}
