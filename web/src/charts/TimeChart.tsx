import { memo, useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { ChartFrame } from "./ChartFrame";
import { cssColour, useThemeChanges } from "./colours";
import { dataOf, optionsFor, type ChartKind, type ChartSeries, type Hover } from "./plot";
import { sumOf } from "./stack";
import { compact, pieceName } from "./ticks";
import { TimeTable } from "./TimeTable";
import { Tooltip } from "./Tooltip";

interface TimeChartProps {
  title: string;
  summary?: ReactNode;
  note?: ReactNode;
  /** The beginnings of the pieces of time, in ms. */
  times: readonly number[];
  /** How long each piece is, in ms. */
  pieceMs: number;
  series: readonly ChartSeries[];
  kind?: ChartKind;
  /** Writes a value in full. */
  format?: (value: number) => string;
  /** Writes a value for the axis. */
  tick?: (value: number) => string;
  /** Whether values are whole numbers. */
  isWhole?: boolean;
  height?: number;
  isReading?: boolean;
  error?: Error | null;
  /** Called with the range of time that was drawn over, in ms. */
  onZoom?: ((fromMs: number, toMs: number) => void) | undefined;
}

const whole = (value: number) => value.toLocaleString("en-US");

/** Values over time. The arrow keys move through it; a table of the same figures is a button away. */
export const TimeChart = memo(function TimeChart(props: TimeChartProps) {
  const { title, summary, note, times, pieceMs, series, height = 176, isReading = false, error = null, format = whole } = props;
  const theme = useThemeChanges();
  // What was drawn is thrown away when another theme or other series come.
  const shape = JSON.stringify([props.kind, series.map(({ name, colour }) => [name, colour])]);
  const isEmpty = times.length === 0 || series.every(({ values }) => sumOf(values) === null);
  return (
    <ChartFrame
      title={title}
      summary={summary}
      note={note}
      isReading={isReading}
      error={error}
      points={series.flatMap(({ values }) => values.filter((value) => value !== null && (value !== 0 || props.kind !== "bars"))).length}
      empty={isEmpty ? (isReading ? "Reading…" : "Nothing in this time") : null}
      height={height}
      table={<TimeTable times={times} pieceMs={pieceMs} series={series} format={format} />}
    >
      <Plot key={`${shape} ${theme}`} {...props} />
    </ChartFrame>
  );
});

function Plot({ title, times, pieceMs, series, kind = "lines", format = whole, tick = compact, isWhole = false, height = 176, onZoom }: TimeChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [hover, setHover] = useState<Hover | null>(null);
  const latest = useRef({ times, series, kind, onZoom, tick });
  useLayoutEffect(() => {
    latest.current = { times, series, kind, onZoom, tick };
  });
  const isZoomable = onZoom !== undefined;

  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const now = latest.current;
    const chart = new uPlot(
      optionsFor(element, { width: element.clientWidth, height }, {
        kind: now.kind,
        series: now.series,
        pieceMs,
        isWhole,
        tick: (value) => latest.current.tick(value),
        onHover: (next) => setHover((previous) => (next !== null && previous?.index === next.index && previous.left === next.left ? previous : next)),
        onSelect: isZoomable ? (fromMs, toMs) => latest.current.onZoom?.(fromMs, toMs) : null,
      }),
      dataOf(now.times, now.series, now.kind),
      element,
    );
    plot.current = chart;
    const observer = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
      plot.current = null;
    };
  }, [pieceMs, isWhole, height, isZoomable]);

  useEffect(() => {
    plot.current?.setData(dataOf(times, series, kind));
  }, [times, series, kind]);

  const move = (event: KeyboardEvent) => {
    const chart = plot.current;
    const last = times.length - 1;
    const at = hover?.index ?? (event.key === "ArrowLeft" ? times.length : -1);
    const steps: Record<string, number | null> = { ArrowLeft: Math.max(0, at - 1), ArrowRight: Math.min(last, at + 1), Home: 0, End: last, Escape: null };
    const step = steps[event.key];
    if (chart === null || step === undefined) return;
    event.preventDefault();
    const time = step === null ? undefined : times[step];
    const left = time === undefined ? -10 : chart.valToPos((time + (kind === "bars" ? pieceMs / 2 : 0)) / 1000, "x");
    chart.setCursor({ left, top: 10 });
  };
  const leave = () => plot.current?.setCursor({ left: -10, top: -10 });
  const time = hover === null ? undefined : times[hover.index];
  const lines = hover === null ? [] : series.map(({ name, values, colour }) => ({ name, colour, text: textOf(values[hover.index], format) }));
  return (
    <>
      {series.length > 1 && <Legend series={series} />}
      <div className="relative">
        <div
          ref={place}
          role="slider"
          aria-roledescription="chart"
          aria-label={title}
          aria-valuemin={0}
          aria-valuemax={Math.max(0, times.length - 1)}
          aria-valuenow={hover?.index ?? 0}
          aria-valuetext={time === undefined ? "The arrow keys read one value after the other" : `${pieceName(time, pieceMs)}: ${lines.map(({ name, text }) => `${name} ${text}`).join(", ")}`}
          tabIndex={0}
          style={{ height }}
          onKeyDown={move}
          onBlur={leave}
        />
        {hover !== null && time !== undefined && <Tooltip heading={pieceName(time, pieceMs)} lines={lines} left={hover.left} right={hover.right} />}
      </div>
    </>
  );
}

function textOf(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? "not known" : format(value);
}

function Legend({ series }: { series: readonly ChartSeries[] }) {
  return (
    <ul className="flex flex-wrap gap-x-3 gap-y-0.5 text-xs text-ink-soft">
      {series.map(({ name, colour }) => (
        <li key={name} className="flex min-w-0 items-center gap-1.5">
          <span className="size-2 shrink-0 rounded-xs" style={{ background: cssColour(colour) }} aria-hidden="true" />
          <span className="truncate">{name}</span>
        </li>
      ))}
    </ul>
  );
}
