import { startOfRange } from "../filter/range";
import { TIME_RANGES, type RequestSearch, type TimeRange } from "../filter/search";
import { fromLocalInput, toLocalInput } from "../format/time";

type TimeSearch = Pick<RequestSearch, "range" | "from" | "to">;

const RANGE_TEXTS: Record<TimeRange, string> = {
  "15m": "Last 15 minutes",
  "1h": "Last hour",
  "24h": "Last 24 hours",
  "7d": "Last 7 days",
  "30d": "Last 30 days",
};

interface TimeFilterProps {
  value: TimeSearch;
  onChange: (value: TimeSearch) => void;
}

/** A range relative to now, or two fixed ends. */
export function TimeFilter({ value, onChange }: TimeFilterProps) {
  const fixed = value.range === undefined && (value.from !== undefined || value.to !== undefined);
  const choose = (choice: string) => {
    const range = TIME_RANGES.find((known) => known === choice);
    if (range) onChange({ range });
    else if (choice === "all") onChange({});
    // Fixed ends begin where the chosen range began, to be moved from there.
    else onChange({ from: startOfRange(value.range ?? "24h", Date.now()) });
  };
  return (
    <>
      <select className="control" aria-label="Time range" value={value.range ?? (fixed ? "fixed" : "all")} onChange={(event) => choose(event.target.value)}>
        <option value="all">Any time</option>
        {TIME_RANGES.map((range) => (
          <option key={range} value={range}>
            {RANGE_TEXTS[range]}
          </option>
        ))}
        <option value="fixed">Between…</option>
      </select>
      {fixed && (
        <>
          <input
            type="datetime-local"
            className="control"
            aria-label="From"
            value={toLocalInput(value.from)}
            onChange={(event) => onChange(ends(fromLocalInput(event.target.value), value.to))}
          />
          <input
            type="datetime-local"
            className="control"
            aria-label="Until"
            value={toLocalInput(value.to)}
            onChange={(event) => onChange(ends(value.from, fromLocalInput(event.target.value)))}
          />
        </>
      )}
    </>
  );
}

function ends(from: string | undefined, to: string | undefined): TimeSearch {
  return { ...(from && { from }), ...(to && { to }) };
}
