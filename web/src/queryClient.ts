import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { ApiError } from "./api/client";
import { readSession, signOut, subscribeToSession } from "./session/session";

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

// What one key could see must not be shown to the next.
subscribeToSession(() => {
  if (readSession().key === null) queryClient.clear();
});

function endRefusedSession(error: Error): void {
  if (error instanceof ApiError && error.status === 401 && readSession().key !== null) {
    signOut("The server no longer accepts this key. Sign in again.");
  }
}
