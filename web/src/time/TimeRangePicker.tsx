import { useState, type FormEvent } from "react";
import { Icon } from "../components/Icon";
import { Popover } from "../components/Popover";
import { fromLocalInput, toLocalInput } from "../format/time";
import { describeTimeRange, PRESET_TEXTS, PRESETS, resolveTimeRange, type TimePreset, type TimeRange } from "./range";

const ZONE = new Intl.DateTimeFormat().resolvedOptions().timeZone;

interface TimeRangePickerProps {
  value: TimeRange;
  onChange: (time: TimeRange) => void;
  /** Those that are offered; all unless said otherwise. */
  presets?: readonly TimePreset[];
}

/** Says which time a page is about, and changes it: a range that ends now, or two fixed ends. */
export function TimeRangePicker({ value, onChange, presets = PRESETS }: TimeRangePickerProps) {
  const [isOpen, setOpen] = useState(false);
  const choose = (time: TimeRange) => {
    setOpen(false);
    onChange(time);
  };
  return (
    <Popover
      label="Time range"
      isOpen={isOpen}
      onOpenChange={setOpen}
      align="end"
      className="w-104"
      trigger={
        <button type="button" className="button" aria-label={`Time range: ${describeTimeRange(value)}`}>
          <Icon name="clock" />
          <span className="tabular-nums">{describeTimeRange(value)}</span>
        </button>
      }
    >
      <div className="grid gap-4 sm:grid-cols-[auto_minmax(0,1fr)]">
        <ul className="grid grid-cols-2 gap-0.5 sm:grid-cols-1">
          {presets.map((preset) => (
            <li key={preset}>
              <button
                type="button"
                aria-pressed={"range" in value && value.range === preset}
                className="h-7 w-full rounded-md px-2 text-left text-[0.8125rem] whitespace-nowrap hover:bg-raised aria-pressed:bg-accent-wash aria-pressed:font-medium aria-pressed:text-accent"
                onClick={() => choose({ range: preset })}
              >
                {PRESET_TEXTS[preset]}
              </button>
            </li>
          ))}
        </ul>
        <FixedEnds value={value} onChange={choose} />
      </div>
    </Popover>
  );
}

function FixedEnds({ value, onChange }: Pick<TimeRangePickerProps, "value" | "onChange">) {
  // Fixed ends begin where the chosen range is, to be moved from there.
  const [{ from, to }, setEnds] = useState(() => localEnds(value));
  const isReversed = from !== "" && to !== "" && from > to;
  const apply = (event: FormEvent) => {
    event.preventDefault();
    const [start, end] = [fromLocalInput(from), fromLocalInput(to)];
    if (!isReversed && (start !== undefined || end !== undefined)) onChange({ ...(start && { from: start }), ...(end && { to: end }) });
  };
  return (
    <form className="flex flex-col gap-2" onSubmit={apply}>
      <label className="flex flex-col gap-1 text-xs text-ink-soft">
        From
        <input type="datetime-local" className="control w-full" value={from} max={to || undefined} onChange={(event) => setEnds({ from: event.target.value, to })} />
      </label>
      <label className="flex flex-col gap-1 text-xs text-ink-soft">
        Until
        <input type="datetime-local" className="control w-full" value={to} min={from || undefined} onChange={(event) => setEnds({ from, to: event.target.value })} />
      </label>
      {isReversed && (
        <p role="alert" className="text-xs text-bad">
          It ends before it begins.
        </p>
      )}
      <button type="submit" className="button w-full">
        Apply
      </button>
      <p className="text-xs text-ink-faint">{ZONE}; without an end it goes on to now.</p>
    </form>
  );
}

function localEnds(value: TimeRange): { from: string; to: string } {
  if (!("range" in value)) return { from: toLocalInput(value.from), to: toLocalInput(value.to) };
  const { startMs } = resolveTimeRange(value, Date.now());
  return { from: startMs === null ? "" : toLocalInput(new Date(startMs).toISOString()), to: "" };
}
