import { usePageTitle } from "../components/usePageTitle";
import { RatedCalls } from "../feedback/RatedCalls";
import { Ratings } from "../feedback/Ratings";
import { Scores } from "../feedback/Scores";
import { useFilter } from "../filter/useFilter";
import { PageFilter } from "../tables/PageFilter";
import { PageHeader } from "../tables/PageHeader";
import { TimeRangePicker } from "../time/TimeRangePicker";
import { useTimeRange } from "../time/useTimeRange";

/** What people and evaluations said about calls. */
export function FeedbackPage() {
  usePageTitle("Feedback and scores");
  const [time, setTime] = useTimeRange("30d");
  const [filter] = useFilter();
  const zoom = (fromMs: number, toMs: number) => setTime({ from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() });
  return (
    <div className="flex flex-col gap-6">
      <div className="flex flex-col gap-3">
        <PageHeader title="Feedback and scores">
          <TimeRangePicker value={time} onChange={setTime} />
        </PageHeader>
        <PageFilter />
        <Ratings filter={filter} time={time} onZoom={zoom} />
      </div>
      <Scores filter={filter} time={time} onZoom={zoom} />
      <RatedCalls filter={filter} time={time} />
    </div>
  );
}
