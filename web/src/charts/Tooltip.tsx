import { cssColour, type ChartColour } from "./colours";

interface TooltipProps {
  heading: string;
  lines: readonly { name: string; colour?: ChartColour; text: string }[];
  /** Where it points to, in pixels from both sides of the chart. */
  left: number;
  right: number;
}

const DISTANCE = 12;

/** The figures under the pointer. It stands on the side where there is room, and is read out elsewhere. */
export function Tooltip({ heading, lines, left, right }: TooltipProps) {
  return (
    <div
      aria-hidden="true"
      className="pointer-events-none absolute top-1 z-10 max-w-64 rounded-md border border-line bg-surface px-2.5 py-1.5 text-xs shadow-lg"
      style={left > right ? { right: right + DISTANCE } : { left: left + DISTANCE }}
    >
      <p className="font-medium whitespace-nowrap">{heading}</p>
      <dl className="grid grid-cols-[auto_auto] gap-x-3 tabular-nums">
        {lines.map(({ name, colour, text }) => (
          <div key={name} className="contents">
            <dt className="flex min-w-0 items-center gap-1.5 text-ink-soft">
              {colour !== undefined && <span className="size-2 shrink-0 rounded-xs" style={{ background: cssColour(colour) }} />}
              <span className="truncate">{name}</span>
            </dt>
            <dd className="text-right whitespace-nowrap">{text}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
