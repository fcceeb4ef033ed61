import { useSyncExternalStore } from "react";

const NARROW = window.matchMedia("(width < 40rem)");

/** Says whether the screen is a narrow one, such as a phone's. */
export function useNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => NARROW.matches);
}

function subscribe(listener: () => void): () => void {
  NARROW.addEventListener("change", listener);
  return () => NARROW.removeEventListener("change", listener);
}
