import type { FilterNode } from "../api/types";
import { TimeChart } from "../charts/TimeChart";
import { known } from "../format/unknown";
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
  const [goodCount, badCount, allCount, scoredCount] = [good, bad, all, scored].map((query) => figureOf(query.data?.rows[0], "requests") ?? 0) as [number, number, number, number];
  const rated = goodCount + badCount;
  const text = (count: number) => known(count.toLocaleString("en-US"));
  const tiles = [
    { name: "Ratings", figure: text(rated), note: `of ${allCount.toLocaleString("en-US")} calls` },
    { name: "Good", figure: text(goodCount) },
    { name: "Bad", figure: text(badCount) },
    { name: "Share of good ones", figure: shareCell(goodCount, rated) },
    { name: "Rated or scored", figure: text(scoredCount) },
  ];
  return (
    <div className="flex flex-col gap-3">
      <Tiles tiles={tiles} isReading={[good, bad, all, scored].some(({ isPending }) => isPending)} testId="rating-figures" />
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
