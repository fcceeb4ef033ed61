import type { CacheStats } from "../api/types";
import { formatUsd } from "../format/money";
import { formatDuration } from "../format/numbers";
import { known, unknown, type Figure } from "../format/unknown";

export interface CacheFigure {
  name: string;
  figure: Figure;
  /** What the figure leaves out. */
  note: string | null;
}

type Total = CacheStats["saved_ms"];

/** Says in figures what the cache did and saved. A sum that lacks hits says so; one that lacks all of them is unknown. */
export function cacheFigures(stats: CacheStats): CacheFigure[] {
  const { hits, misses } = stats;
  const asked = hits + misses;
  const plain = (name: string, figure: Figure): CacheFigure => ({ name, figure, note: null });
  const saved = (name: string, total: Total, text: (sum: number) => string) => savedFigure(name, total, hits, text);
  return [
    plain("Hits", known(grouped(hits))),
    plain("Misses", known(grouped(misses))),
    plain("Hit rate", asked === 0 ? unknown("no call enabled the cache") : known(`${Number(((hits / asked) * 100).toFixed(1))} %`)),
    saved("Cost saved", stats.saved_cost_usd, formatUsd),
    saved("Time saved", stats.saved_ms, formatDuration),
    saved("Tokens in saved", stats.saved_prompt_tokens, grouped),
    saved("Tokens out saved", stats.saved_completion_tokens, grouped),
  ];
}

function savedFigure(name: string, { sum, unknown: lacking }: Total, hits: number, text: (sum: number) => string): CacheFigure {
  if (hits > 0 && lacking >= hits) return { name, figure: unknown("it is not known of any hit"), note: null };
  const note = lacking === 0 ? null : `at least: not known of ${lacking === 1 ? "one hit" : `${grouped(lacking)} hits`}`;
  return { name, figure: known(text(sum)), note };
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}
