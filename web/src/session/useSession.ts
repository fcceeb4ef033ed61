import { useSyncExternalStore } from "react";
import { readSession, subscribeToSession, type Session } from "./session";

export function useSession(): Session {
  return useSyncExternalStore(subscribeToSession, readSession);
}
