import type { Values } from "./stack";

/** Room for half of the line's width at both ends. */
const MARGIN = 1.5;

/** Returns the path of values from 0 to the largest; an unknown value is a gap. */
export function sparkPath(values: Values, width: number, height: number): string {
  const most = Math.max(...values.map((value) => value ?? 0));
  const step = width / Math.max(1, values.length - 1);
  let isDown = false;
  const parts: string[] = [];
  for (const [index, value] of values.entries()) {
    if (value !== null) {
      const y = height - MARGIN - (most > 0 ? value / most : 0) * (height - 2 * MARGIN);
      parts.push(`${isDown ? "L" : "M"}${(index * step).toFixed(1)} ${y.toFixed(1)}`);
    }
    isDown = value !== null;
  }
  return parts.join("");
}
