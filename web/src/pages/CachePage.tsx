import { CacheCharts, MostHit } from "../cache/CacheCharts";
import { CacheFigures } from "../cache/CacheFigures";
import { LatestHits } from "../cache/LatestHits";
import { SwitchOn } from "../cache/SwitchOn";
import { usePageTitle } from "../components/usePageTitle";
import { PageHeader } from "../tables/PageHeader";
import { TimeRangePicker } from "../time/TimeRangePicker";
import { useTimeRange } from "../time/useTimeRange";

/** What the cache did and saved, and how to switch it on. */
export function CachePage() {
  usePageTitle("Cache");
  const [time, setTime] = useTimeRange("7d");
  const zoom = (fromMs: number, toMs: number) => setTime({ from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() });
  return (
    <div className="flex flex-col gap-8">
      <div className="flex flex-col gap-3">
        <PageHeader title="Cache">
          <TimeRangePicker value={time} onChange={setTime} />
        </PageHeader>
        <CacheFigures time={time} />
        <CacheCharts time={time} onZoom={zoom} />
      </div>
      <MostHit time={time} />
      <LatestHits time={time} />
      <SwitchOn />
    </div>
  );
}
