/** The colour theme: the system's, unless the user chose one in this browser. */

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const STORAGE_KEY = "gatehouse.theme";
const listeners = new Set<() => void>();
/** Counts the changes of what is in sight, the system's included. */
let changes = 0;

export function readTheme(): Theme {
  const stored = localStorage.getItem(STORAGE_KEY);
  return THEMES.find((theme) => theme === stored) ?? "system";
}

export function applyTheme(theme: Theme): void {
  const root = document.documentElement;
  if (theme === "system") {
    delete root.dataset["theme"];
    localStorage.removeItem(STORAGE_KEY);
  } else {
    root.dataset["theme"] = theme;
    localStorage.setItem(STORAGE_KEY, theme);
  }
  tell();
}

/** Returns a number that differs after each change of colours. */
export function readThemeChanges(): number {
  return changes;
}

/** Calls `listener` after each change of colours; returns what ends that. */
export function subscribeToTheme(listener: () => void): () => void {
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  listeners.add(listener);
  if (listeners.size === 1) system.addEventListener("change", tell);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) system.removeEventListener("change", tell);
  };
}

function tell(): void {
  changes += 1;
  for (const listener of listeners) listener();
}
