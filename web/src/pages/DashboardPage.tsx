import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { memo, useCallback, useDeferredValue, useEffect, useMemo, useState } from "react";
import type { FilterNode } from "../api/types";
import { LiveSwitch } from "../components/LiveSwitch";
import { QueryState } from "../components/QueryState";
import { usePageTitle } from "../components/usePageTitle";
import { CHART_MEASURES, Charts } from "../dashboard/Charts";
import { FigureTiles } from "../dashboard/FigureTiles";
import { FirstCall } from "../dashboard/FirstCall";
import { TILE_MEASURES } from "../dashboard/tiles";
import { TopLists } from "../dashboard/TopLists";
import { FilterBar } from "../filter/FilterBar";
import { columnIs, searchFor, searchWithin } from "../filter/links";
import { anyOf } from "../filter/node";
import { useFilter } from "../filter/useFilter";
import { figureOf } from "../metrics/query";
import { useMetrics } from "../metrics/useMetrics";
import { isOpenEnded, type TimeRange } from "../time/range";
import { TimeRangePicker } from "../time/TimeRangePicker";
import { useTimeRange } from "../time/useTimeRange";

/** Calls that count as without a known cost. */
const NO_COST = anyOf(["no_price", "partial_price", "extra_charges", "no_usage", "no_model", "error_status"].map((status) => columnIs("cost_status", status)));

/** What happened in a range of time, at a glance. */
export function DashboardPage() {
  usePageTitle("Dashboard");
  const [filter, setFilter] = useFilter();
  const [time, setTime] = useTimeRange("24h");
  const [live, setLive] = useState(false);
  // What was chosen is in sight at once; the figures, which take longer to draw, follow.
  const question = useDeferredValue(useMemo(() => ({ filter, time }), [filter, time]));
  const isFirst = useIsFirst(question, live);
  const zoom = useCallback((fromMs: number, toMs: number) => setTime({ from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() }), [setTime]);
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <h1 className="text-lg font-semibold tracking-tight">Dashboard</h1>
        <div className="ml-auto flex flex-wrap items-center gap-2">
          <Link to="/requests" search={searchFor(filter, time)} className="button-quiet h-8">
            Show the requests
          </Link>
          <LiveSwitch live={live} paused={isOpenEnded(time) ? null : "The range of time has an end"} onChange={setLive} />
          <TimeRangePicker value={time} onChange={setTime} />
        </div>
      </div>
      {isFirst ? (
        <FirstCall />
      ) : (
        <>
          <FilterBar filter={filter} onChange={setFilter} />
          <Figures question={question} live={live} onZoom={zoom} />
        </>
      )}
    </div>
  );
}

interface Question {
  filter: FilterNode;
  time: TimeRange;
}

/** The figures of the tiles; several parts of the page that ask for them ask once. */
function useTiles({ filter, time }: Question, live: boolean) {
  return useMetrics({ filter, time, measures: TILE_MEASURES }, { live });
}

/** Says whether nothing was ever logged; once the first call is there, all figures are read again. */
function useIsFirst(question: Question, live: boolean): boolean {
  const now = useTiles(question, live);
  const isNothing = now.data !== undefined && figureOf(now.data.rows[0], "requests") === 0;
  const ever = useMetrics({ time: { range: "all" }, measures: ["requests"] }, { enabled: isNothing, live: true });
  const count = figureOf(ever.data?.rows[0], "requests");
  const queries = useQueryClient();
  const hasCalls = isNothing && count !== null && count > 0;
  useEffect(() => {
    if (hasCalls) void queries.invalidateQueries({ queryKey: ["metrics"] });
  }, [hasCalls, queries]);
  return isNothing && count === 0;
}

const Figures = memo(function Figures({ question, live, onZoom }: { question: Question; live: boolean; onZoom: (fromMs: number, toMs: number) => void }) {
  const { filter, time } = question;
  const now = useTiles(question, live);
  const before = useMetrics({ filter, time, measures: TILE_MEASURES, before: true });
  const overTime = useMetrics({ filter, time, measures: CHART_MEASURES, overTime: true }, { live });
  const statuses = useMetrics({ filter, time, measures: ["requests"], groupBy: ["status"], overTime: true }, { live });
  return (
    <>
      {now.error && <QueryState what="The figures" query={now} />}
      {(now.data !== undefined || !now.error) && <FigureTiles now={now.data?.rows[0]} before={before.data?.rows[0]} overTime={overTime.data} isReading={now.data === undefined && now.isPending} />}
      <Charts overTime={overTime} statuses={statuses} unpriced={searchWithin(filter, NO_COST, time)} onZoom={onZoom} />
      <TopLists filter={filter} time={time} live={live} />
    </>
  );
});
