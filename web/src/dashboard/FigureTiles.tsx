import { Sparkline } from "../charts/Sparkline";
import { FigureText } from "../components/FigureText";
import { timesOf, valuesOf } from "../metrics/series";
import type { MetricsAnswer } from "../metrics/useMetrics";
import type { MetricsRow } from "../metrics/query";
import { describeChange, tileFigure, TILES, valueOf, type Change, type TileKind } from "./tiles";

interface FigureTilesProps {
  now: MetricsRow | undefined;
  before: MetricsRow | undefined;
  overTime: MetricsAnswer | undefined;
  isReading: boolean;
}

const TONES: Record<Change["tone"], string> = { good: "text-good", bad: "text-bad", idle: "text-ink-faint" };

/** The figures that matter most, each with its change and its course. */
export function FigureTiles({ now, before, overTime, isReading }: FigureTilesProps) {
  return (
    <dl className="grid grid-cols-2 gap-2 sm:gap-3 md:grid-cols-5 min-[125rem]:grid-cols-10" data-testid="tiles" aria-busy={isReading}>
      {TILES.map((tile) => (
        <div key={tile.name} className="panel flex min-w-0 flex-col px-3 pt-2 pb-1.5">
          <dt className="truncate text-xs text-ink-soft">{tile.name}</dt>
          <dd className="flex min-w-0 flex-wrap items-baseline gap-x-2">
            <span className="text-lg leading-7 font-semibold tracking-tight whitespace-nowrap">{isReading ? <span className="text-ink-faint">…</span> : <FigureText figure={tileFigure(tile, now)} />}</span>
            <ChangeText change={describeChange(tile, valueOf(tile, now), valueOf(tile, before))} />
          </dd>
          <dd className="mt-0.5">
            <Sparkline values={courseOf(tile, overTime)} colour={tile.colour} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function ChangeText({ change }: { change: Change | null }) {
  if (change === null) return null;
  return (
    <span className={`text-xs tabular-nums ${TONES[change.tone]}`} title="Against the same length of time before">
      {change.text}
      <span className="sr-only"> against the time before</span>
    </span>
  );
}

function courseOf({ measures: [part, of] }: TileKind, answer: MetricsAnswer | undefined): (number | null)[] {
  if (answer === undefined) return [];
  const times = timesOf(answer);
  const values = valuesOf(answer, times, part);
  if (of === undefined) return values;
  const wholes = valuesOf(answer, times, of);
  return values.map((value, index) => (value === null || !wholes[index] ? null : value / wholes[index]));
}
