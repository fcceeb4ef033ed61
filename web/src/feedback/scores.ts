import type { HeliconeRequest } from "../api/types";
import { figureOf, groupOf, type MetricsRow } from "../metrics/query";

/** The score that a rating is. */
export const RATING = "helicone-score-feedback";
/** What rows have behind the names of scores that are true or false. */
const BOOLEAN = "-hcone-bool";

/** How many bars a distribution has. */
const BINS = 20;

/** What is known of the scores of one name. */
export interface ScoreSummary {
  name: string;
  count: number;
  average: number | null;
  min: number | null;
  max: number | null;
}

/** Reads what the API says of scores by name; ratings are not among them. */
export function scoresOf(rows: readonly MetricsRow[]): ScoreSummary[] {
  return rows
    .map((row) => ({ name: groupOf(row, "scoreName"), count: figureOf(row, "score_count") ?? 0, average: figureOf(row, "score_average"), min: figureOf(row, "score_min"), max: figureOf(row, "score_max") }))
    .filter(({ name }) => name !== RATING);
}

/** Returns the scores of a call by the names that people gave them, without its rating. */
export function scoresOfCall({ scores }: Pick<HeliconeRequest, "scores">): { name: string; value: number; isBoolean: boolean }[] {
  return Object.entries(scores as Record<string, unknown>)
    .filter((entry): entry is [string, number] => typeof entry[1] === "number" && entry[0] !== RATING)
    .map(([name, value]) => (name.endsWith(BOOLEAN) ? { name: name.slice(0, -BOOLEAN.length), value, isBoolean: true } : { name, value, isBoolean: false }));
}

/** How often values lie in each of several ranges of the same width; those that are all the same lie in one. */
export function distributionOf(values: readonly number[]): { from: number; to: number; count: number }[] {
  if (values.length === 0) return [];
  const [min, max] = [Math.min(...values), Math.max(...values)];
  if (min === max) return [{ from: min, to: max, count: values.length }];
  const isWhole = values.every(Number.isInteger) && max - min < BINS;
  const bins = isWhole ? max - min + 1 : BINS;
  const width = isWhole ? 1 : (max - min) / BINS;
  const counts = Array.from({ length: bins }, (_, index) => ({ from: min + index * width, to: isWhole ? min + index : min + (index + 1) * width, count: 0 }));
  for (const value of values) {
    const bin = counts[Math.min(bins - 1, Math.floor((value - min) / width))];
    if (bin) bin.count += 1;
  }
  return counts;
}

/** Writes the value of a score. */
export function formatScore(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 3 });
}
