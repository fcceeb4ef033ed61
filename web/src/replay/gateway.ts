/** Where the gateway is: a guess, unless somebody said otherwise in this browser. */
import { useSyncExternalStore } from "react";
import { guessGateway } from "../body/curl";

const STORAGE_KEY = "gatehouse.gateway";
const listeners = new Set<() => void>();

/** Returns the gateway's address, without a slash at its end. */
export function readGateway(): string {
  return localStorage.getItem(STORAGE_KEY) ?? guessGateway(window.location);
}

/** Remembers the gateway's address; what is no address leaves the guess. */
export function rememberGateway(address: string): void {
  const gateway = parseGateway(address);
  if (gateway === null || gateway === guessGateway(window.location)) localStorage.removeItem(STORAGE_KEY);
  else localStorage.setItem(STORAGE_KEY, gateway);
  for (const listener of listeners) listener();
}

/** Reads an address as people type it; null when it is none. */
export function parseGateway(address: string): string | null {
  const text = address.trim().replace(/\/+$/, "");
  if (!URL.canParse(text)) return null;
  const { protocol, origin, pathname } = new URL(text);
  return ["http:", "https:"].includes(protocol) ? origin + (pathname === "/" ? "" : pathname) : null;
}

/** Returns the gateway's address, and anew after each change of it. */
export function useGateway(): string {
  return useSyncExternalStore(subscribe, readGateway);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
