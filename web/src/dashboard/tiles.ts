/** The figures at the top of the dashboard, and how they changed. */
import type { ChartColour } from "../charts/colours";
import { compact } from "../charts/ticks";
import { formatUsd } from "../format/money";
import { formatDuration } from "../format/numbers";
import { known, unknown, type Figure } from "../format/unknown";
import { figureOf, type Measure, type MetricsRow } from "../metrics/query";

export interface TileKind {
  name: string;
  /** The measures it is made of; a share has two. */
  measures: readonly [Measure] | readonly [Measure, Measure];
  format: (value: number) => string;
  /** Why it may not be known. */
  reason: string;
  /** Whether more of it is better; neither where it depends. */
  better: "more" | "less" | null;
  colour: ChartColour;
}

export interface Change {
  text: string;
  tone: "good" | "bad" | "idle";
}

const whole = (value: number) => value.toLocaleString("en-US");
const large = (value: number) => (value < 1_000_000 ? whole(value) : compact(value));
const share = (value: number) => `${Number((value * 100).toFixed(value > 0 && value < 0.001 ? 3 : 2))} %`;

export const TILES: readonly TileKind[] = [
  { name: "Requests", measures: ["requests"], format: large, reason: "it could not be counted", better: null, colour: 1 },
  { name: "Cost", measures: ["cost"], format: formatUsd, reason: "no call's cost is known", better: null, colour: 3 },
  { name: "Error rate", measures: ["errors", "requests"], format: share, reason: "there were no calls", better: "less", colour: "bad" },
  { name: "Average latency", measures: ["latency_average"], format: formatDuration, reason: "no call's duration is known", better: "less", colour: 2 },
  { name: "p95 latency", measures: ["latency_p95"], format: formatDuration, reason: "no call's duration is known", better: "less", colour: 2 },
  { name: "Time to first token", measures: ["ttft_average"], format: formatDuration, reason: "no call's first token was timed", better: "less", colour: 6 },
  { name: "Tokens", measures: ["total_tokens"], format: large, reason: "no call reported its tokens", better: null, colour: 4 },
  { name: "Active users", measures: ["users"], format: whole, reason: "it could not be counted", better: "more", colour: 5 },
  { name: "Saved by the cache", measures: ["saved_cost"], format: formatUsd, reason: "no answer of a known cost came from the cache", better: "more", colour: "good" },
  { name: "Threats", measures: ["threats"], format: whole, reason: "it could not be counted", better: "less", colour: "bad" },
];

/** Everything the tiles are made of, in one question. */
export const TILE_MEASURES: Measure[] = [...new Set([...TILES.flatMap((tile) => [...tile.measures]), "cost_unknown" as const, "tokens_unknown" as const])];

/** Beyond this a change is told as a multiple. */
const MOST_PERCENT = 999;

/** Returns a tile's value of a row; a share of nothing is not known. */
export function valueOf({ measures: [part, of] }: TileKind, row: MetricsRow | undefined): number | null {
  const value = figureOf(row, part);
  if (of === undefined || value === null) return value;
  const all = figureOf(row, of);
  return all === null || all === 0 ? null : value / all;
}

/** Returns what a tile shows; a sum in which something is missing is at least what is known. */
export function tileFigure(tile: TileKind, row: MetricsRow | undefined): Figure {
  const value = valueOf(tile, row);
  if (value === null) return unknown(tile.reason);
  const lacks: Partial<Record<Measure, Measure>> = { cost: "cost_unknown", total_tokens: "tokens_unknown" };
  const lack = lacks[tile.measures[0]];
  const isPart = lack !== undefined && (figureOf(row, lack) ?? 0) > 0;
  return known(`${isPart ? "≥ " : ""}${tile.format(value)}`);
}

/** Says how a figure changed; nothing where one of the two is not known, or there was nothing before. */
export function describeChange(tile: TileKind, now: number | null, before: number | null): Change | null {
  if (now === null || before === null || (before === 0 && now === 0)) return null;
  const isShare = tile.measures.length === 2;
  if (!isShare && before === 0) return null;
  const change = isShare ? (now - before) * 100 : ((now - before) / before) * 100;
  const rounded = Math.abs(change) >= 10 ? Math.round(change) : Number(change.toFixed(1));
  if (rounded === 0) return { text: "±0", tone: "idle" };
  if (rounded > MOST_PERCENT && !isShare) return { text: `×${compact(Math.round(now / before))}`, tone: tone(tile, true) };
  const text = `${rounded > 0 ? "+" : "−"}${Math.abs(rounded).toLocaleString("en-US")} ${isShare ? "points" : "%"}`;
  return { text, tone: tone(tile, rounded > 0) };
}

function tone({ better }: TileKind, isMore: boolean): Change["tone"] {
  return better === null ? "idle" : isMore === (better === "more") ? "good" : "bad";
}
