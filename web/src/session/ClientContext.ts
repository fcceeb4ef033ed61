import { createContext, useContext } from "react";
import type { ApiClient } from "../api/client";

export const ClientContext = createContext<ApiClient | null>(null);

/** Returns the client of the signed-in session; pages are only rendered inside one. */
export function useClient(): ApiClient {
  const client = useContext(ClientContext);
  if (client === null) throw new Error("a page was rendered outside a session");
  return client;
}
