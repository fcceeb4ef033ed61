import { useId, useState, type ReactNode } from "react";
import { Icon } from "../components/Icon";

interface ChartFrameProps {
  title: string;
  /** What the whole of it comes to, beside the title. */
  summary?: ReactNode;
  /** What more can be done with it. */
  actions?: ReactNode;
  /** A sentence about what is not in the picture. */
  note?: ReactNode;
  isReading?: boolean | undefined;
  error?: Error | null | undefined;
  /** How many values leave a mark in the picture. */
  points?: number;
  /** Says why there is nothing to draw. */
  empty?: string | null | undefined;
  /** The height of picture and table, in pixels. */
  height: number;
  /** The same figures as a table. */
  table: ReactNode;
  children: ReactNode;
}

/** A chart with its name. A button puts a table of the same figures in the place of the picture. */
export function ChartFrame({ title, summary, actions, note, isReading = false, error, points, empty, height, table, children }: ChartFrameProps) {
  const id = useId();
  const [isTable, setTable] = useState(false);
  const isShown = !error && !empty;
  return (
    <figure aria-labelledby={id} aria-busy={isReading || undefined} data-points={points} className="panel group flex min-w-0 flex-col gap-1 px-3 pt-2 pb-2">
      <figcaption className="flex min-h-7 flex-wrap items-center gap-x-2">
        <span id={id} className="text-[0.8125rem] font-medium">
          {title}
        </span>
        {summary !== undefined && <span className="text-[0.8125rem] text-ink-soft tabular-nums">{summary}</span>}
        <span className="ml-auto flex items-center">
          {actions}
          {isShown && (
            <button
              type="button"
              className="button-quiet size-7 justify-center px-0 text-ink-faint aria-pressed:text-accent"
              aria-pressed={isTable}
              aria-label={`Show ${title} as a table`}
              title={isTable ? "Show the chart" : "Show as a table"}
              onClick={() => setTable(!isTable)}
            >
              <Icon name="table" />
            </button>
          )}
        </span>
      </figcaption>
      {error ? (
        <Placeholder height={height} tone="text-bad">
          Could not be read: {error.message}
        </Placeholder>
      ) : empty ? (
        <Placeholder height={height} tone="text-ink-faint">
          {empty}
        </Placeholder>
      ) : isTable ? (
        <div style={{ height }} className="overflow-auto" tabIndex={0} role="region" aria-label={`${title}, table`}>
          {table}
        </div>
      ) : (
        children
      )}
      {note && <p className="text-xs text-ink-soft">{note}</p>}
    </figure>
  );
}

function Placeholder({ height, tone, children }: { height: number; tone: string; children: ReactNode }) {
  return (
    <p style={{ height }} className={`grid place-items-center px-4 text-center text-xs ${tone}`}>
      <span>{children}</span>
    </p>
  );
}
