import type { FilterNode } from "../api/types";
import { TimeChart } from "../charts/TimeChart";
import { count } from "../format/numbers";
import { allOf, on } from "../filter/node";
import { figureOf } from "../metrics/query";
import { timesOf, valuesOf } from "../metrics/series";
import { useMetrics } from "../metrics/useMetrics";
import { shareCell } from "../tables/figures";
import { Tiles } from "../tables/Tiles";
import { lengthOf } from "../time/increments";
import type { TimeRange } from "../time/range";
import { RATING } from "./scores";

/** Calls that somebody rated so. */
export function ratedAs(isGood: boolean): FilterNode {
  return on({ [RATING]: { equals: isGood } });
}

/** Calls with a rating or a score of any name. */
export const SCORED: FilterNode = on({ scored: { equals: true } });

interface RatingsProps {
  filter: FilterNode;
  time: TimeRange;
  onZoom: (fromMs: number, toMs: number) => void;
}

/** How many calls were rated, and how, in all and over time. */
export function Ratings({ filter, time, onZoom }: RatingsProps) {
  const good = useMetrics({ filter: allOf([filter, ratedAs(true)]), time, measures: ["requests"] }, { live: true });
  const bad = useMetrics({ filter: allOf([filter, ratedAs(false)]), time, measures: ["requests"] }, { live: true });
  const all = useMetrics({ filter, time, measures: ["requests"] }, { live: true });
  const scored = useMetrics({ filter: allOf([filter, SCORED]), time, measures: ["requests"] }, { live: true });
  const queries = [good, bad, all, scored];
  const [goodCount, badCount, allCount, scoredCount] = queries.map((query) => figureOf(query.data?.rows[0], "requests")) as [number | null, number | null, number | null, number | null];
  const rated = goodCount === null || badCount === null ? null : goodCount + badCount;
  const text = (value: number | null) => count(value, "it could not be counted");
  const tiles = [
    { name: "Ratings", figure: text(rated), note: allCount === null ? null : `of ${allCount.toLocaleString("en-US")} calls` },
    { name: "Good", figure: text(goodCount) },
    { name: "Bad", figure: text(badCount) },
    { name: "Share of good ones", figure: shareCell(goodCount, rated) },
    { name: "Rated or scored", figure: text(scoredCount) },
  ];
  const failed = queries.find(({ data, error }) => data === undefined && error !== null);
  return (
    <div className="flex flex-col gap-3">
      <Tiles tiles={tiles} isReading={queries.some(({ isPending }) => isPending)} error={failed?.error ?? null} testId="rating-figures" />
      <RatingsOverTime filter={filter} time={time} onZoom={onZoom} />
    </div>
  );
}

function RatingsOverTime({ filter, time, onZoom }: RatingsProps) {
  const good = useMetrics({ filter: allOf([filter, ratedAs(true)]), time, overTime: true, measures: ["requests"] }, { live: true });
  const bad = useMetrics({ filter: allOf([filter, ratedAs(false)]), time, overTime: true, measures: ["requests"] }, { live: true });
  // A range without a beginning begins with the first rating of either kind.
  const rows = [...(good.data?.rows ?? []), ...(bad.data?.rows ?? [])];
  const times = good.data ? timesOf({ ...good.data, rows }) : [];
  return (
    <TimeChart
      title="Ratings"
      kind="bars"
      times={times}
      pieceMs={lengthOf(good.data?.increment ?? "day")}
      series={[
        { name: "good", values: good.data ? valuesOf(good.data, times, "requests") : [], colour: "good" },
        { name: "bad", values: bad.data ? valuesOf(bad.data, times, "requests") : [], colour: "bad" },
      ]}
      isWhole
      isReading={good.isPending || bad.isPending}
      error={good.error ?? bad.error}
      onZoom={onZoom}
    />
  );
}
