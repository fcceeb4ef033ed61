import { useSyncExternalStore } from "react";
import { readThemeChanges, subscribeToTheme } from "../theme/theme";

/** A colour of charts by name: one that means something, or one of eight that only differ. */
export type ChartColour = "good" | "warn" | "bad" | "idle" | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

const COLOURS = 8;

/** Returns the colour of the series with this index among many. */
export function colourAt(index: number): ChartColour {
  return ((index % COLOURS) + 1) as ChartColour;
}

/** Returns a colour for styles. */
export function cssColour(colour: ChartColour): string {
  return `var(--chart-${colour})`;
}

/** Returns what a colour is in the theme in sight, for a canvas. */
export function resolveColour(element: HTMLElement, css: string): string {
  const probe = document.createElement("span");
  probe.style.color = css;
  element.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

/** Returns a number that changes with the theme, so that what is drawn on a canvas is drawn again. */
export function useThemeChanges(): number {
  return useSyncExternalStore(subscribeToTheme, readThemeChanges);
}
