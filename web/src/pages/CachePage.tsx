import { useState } from "react";
import { CacheFigures } from "../cache/CacheFigures";
import { LatestHits } from "../cache/LatestHits";
import { SwitchOn } from "../cache/SwitchOn";
import { Segmented } from "../components/Segmented";
import { usePageTitle } from "../components/usePageTitle";
import { TIME_RANGES } from "../filter/search";

const RANGES = [
  { value: "24h", text: "24 hours" },
  { value: "7d", text: "7 days" },
  { value: "30d", text: "30 days" },
  { value: "ever", text: "Ever" },
] as const;

/** What the cache did and saved, and how to switch it on. */
export function CachePage() {
  usePageTitle("Cache");
  const [span, setSpan] = useState<(typeof RANGES)[number]["value"]>("7d");
  const range = TIME_RANGES.find((known) => known === span) ?? null;
  return (
    <div className="flex max-w-6xl flex-col gap-8">
      <div className="flex flex-col gap-3">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
          <h1 className="text-lg font-semibold tracking-tight">Cache</h1>
          <div className="ml-auto">
            <Segmented label="Time range" options={RANGES} value={span} onChange={setSpan} />
          </div>
        </div>
        <CacheFigures range={range} />
      </div>
      <LatestHits range={range} />
      <SwitchOn />
    </div>
  );
}
