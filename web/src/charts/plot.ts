/** uPlot's options for our charts: everything that has to do with the canvas. */
import uPlot from "uplot";
import { cssColour, resolveColour, type ChartColour } from "./colours";
import { lonely, stack, type Values } from "./stack";
import { timeTick } from "./ticks";

/** Lines show what is measured, bars on each other what is counted, an area one amount over time. */
export type ChartKind = "lines" | "bars" | "area";

export interface ChartSeries {
  name: string;
  /** One for each of the chart's times; null where it is not known. */
  values: Values;
  colour: ChartColour;
}

export interface Hover {
  index: number;
  left: number;
  right: number;
}

export interface PlotSettings {
  kind: ChartKind;
  series: readonly ChartSeries[];
  /** How long each piece of time is. */
  pieceMs: number;
  /** Whether values are whole numbers: the axis has no others then. */
  isWhole: boolean;
  tick: (value: number) => string;
  /** Told the piece of time under the pointer, and how far it is from both sides of the chart, in pixels. */
  onHover: (hover: Hover | null) => void;
  onSelect: ((fromMs: number, toMs: number) => void) | null;
}

const FONT = '11px ui-sans-serif, system-ui, "Segoe UI", Roboto, "Liberation Sans", sans-serif';
const WHOLE_STEPS = Array.from({ length: 15 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat();
/** A shorter drag is a slip of the hand. */
const LEAST_DRAG = 8;

/** Returns the numbers for uPlot; of bars on each other the highest comes first, so that the lower ones cover it. */
export function dataOf(times: readonly number[], series: readonly ChartSeries[], kind: ChartKind): uPlot.AlignedData {
  const values = series.map((one) => one.values);
  const drawn = kind === "bars" ? stack(values).toReversed() : values.map((one) => [...one]);
  return [times.map((time) => time / 1000), ...drawn] as uPlot.AlignedData;
}

/** Returns how a chart is drawn in `element`, in the colours of the theme in sight. */
export function optionsFor(element: HTMLElement, size: { width: number; height: number }, settings: PlotSettings): uPlot.Options {
  const { kind, series, pieceMs, tick, isWhole } = settings;
  const colour = (css: string) => resolveColour(element, css);
  const drawn = kind === "bars" ? series.toReversed() : series;
  const axis = { stroke: colour("var(--ink-faint)"), font: FONT, ticks: { show: false } };
  const grid = { stroke: colour("var(--line)"), width: 1 };
  return {
    ...size,
    padding: [8, 18, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      points: { show: kind !== "bars", size: 7 },
      drag: { x: settings.onSelect !== null, y: false, setScale: false },
    },
    scales: {
      x: { time: true, range: (_, min, max) => [min, kind === "bars" || min === max ? max + pieceMs / 1000 : max] },
      y: { range: (_, __, max) => [0, max > 0 ? max * 1.08 : 1] },
    },
    axes: [
      { ...axis, grid: { show: false }, size: 24, gap: 4, space: 64, values: (_, splits, __, ___, step) => splits.map((at) => timeTick(at, step)) },
      { ...axis, grid, gap: 4, space: 36, size: widthOf, values: (_, splits) => splits.map(tick), ...(isWhole && { incrs: WHOLE_STEPS }) },
    ],
    series: [{}, ...drawn.map((one) => seriesOptions(one, kind, colour))],
    hooks: {
      setCursor: [(plot) => tellHover(plot, settings)],
      setSelect: [(plot) => tellSelect(plot, settings)],
    },
  };
}

function seriesOptions({ name, colour: named }: ChartSeries, kind: ChartKind, resolve: (css: string) => string): uPlot.Series {
  const css = cssColour(named);
  const stroke = resolve(css);
  if (kind === "bars") {
    return { label: name, fill: stroke, width: 0, points: { show: false }, paths: uPlot.paths.bars!({ size: [0.82, 28], align: 1 }) };
  }
  const points: uPlot.Series.Points = { show: true, size: 4, width: 0, fill: stroke, filter: (plot, index) => lonely(plot.data[index] as Values) };
  return { label: name, stroke, width: 1.5, points, spanGaps: false, ...(kind === "area" && { fill: resolve(`color-mix(in srgb, ${css} 14%, transparent)`) }) };
}

/** The axis is as wide as its longest text. */
function widthOf(_: uPlot, texts: string[] | null): number {
  return 14 + 6.2 * Math.max(2, ...(texts ?? []).map((text) => text.length));
}

/** Returns which piece of time is under the pointer: the nearest, of bars the one that begins to its left. */
function pieceUnder(plot: uPlot, kind: ChartKind): number | null {
  const { idx, left } = plot.cursor;
  if (typeof idx !== "number" || left === undefined || left < 0) return null;
  const isBefore = kind === "bars" && (plot.data[0][idx] ?? 0) > plot.posToVal(left, "x");
  return isBefore && idx > 0 ? idx - 1 : idx;
}

function tellHover(plot: uPlot, { onHover, kind, pieceMs }: PlotSettings): void {
  const index = pieceUnder(plot, kind);
  const time = index === null ? undefined : plot.data[0][index];
  if (index === null || time === undefined) return onHover(null);
  const left = plot.valToPos(kind === "bars" ? time + pieceMs / 2000 : time, "x") + plot.over.offsetLeft;
  onHover({ index, left, right: plot.width - left });
}

/** What was drawn over becomes a range of whole pieces. */
function tellSelect(plot: uPlot, { onSelect, pieceMs }: PlotSettings): void {
  const { left, width } = plot.select;
  if (width < LEAST_DRAG || onSelect === null) return;
  const times = plot.data[0];
  const [first, last] = [plot.posToVal(left, "x"), plot.posToVal(left + width, "x")].map((at) => times[plot.valToIdx(at)] ?? at);
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  if (first !== undefined && last !== undefined) onSelect(first * 1000, last * 1000 + pieceMs);
}
