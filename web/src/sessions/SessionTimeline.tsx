import { Link } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState, type PointerEvent, type ReactNode } from "react";
import type { HeliconeRequest } from "../api/types";
import { colourAt, cssColour } from "../charts/colours";
import { modelOf } from "../format/model";
import { formatDuration } from "../format/numbers";
import { formatFullInstant } from "../format/time";
import { statusOf } from "../format/status";
import { extentOf, pan, place, spansOf, ticksOf, zoom, type Span, type Stretch } from "./timeline";

const ZOOM_STEP = 1.5;
const PAN_STEP = 0.2;
const WHEEL_STEP = 1.15;
const TICKS = 6;
/** How many paths are named with their colours. */
const NAMED_PATHS = 12;

interface SessionTimelineProps {
  calls: readonly HeliconeRequest[];
}

/** When the calls of a session ran: a bar each, coloured by path. It is zoomed by buttons, the keyboard or Ctrl and the wheel, and moved by dragging. */
export function SessionTimeline({ calls }: SessionTimelineProps) {
  const spans = useMemo(() => spansOf(calls), [calls]);
  const extent = useMemo(() => extentOf(spans), [spans]);
  const [chosen, setChosen] = useState<Stretch | null>(null);
  const view = chosen ?? extent;
  const change = (next: Stretch) => setChosen(next.startMs <= extent.startMs && next.endMs >= extent.endMs ? null : next);
  const zoomBy = (factor: number) => change(zoom(view, extent, factor, (view.startMs + view.endMs) / 2));
  const region = useKeys({
    "+": () => zoomBy(1 / ZOOM_STEP),
    "=": () => zoomBy(1 / ZOOM_STEP),
    "-": () => zoomBy(ZOOM_STEP),
    "0": () => setChosen(null),
    ArrowLeft: () => change(pan(view, extent, -PAN_STEP)),
    ArrowRight: () => change(pan(view, extent, PAN_STEP)),
  });
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <Legend spans={spans} />
        <div className="ml-auto flex gap-1" role="group" aria-label="Zoom">
          <button type="button" className="button" aria-label="Zoom out" disabled={chosen === null} onClick={() => zoomBy(ZOOM_STEP)}>
            −
          </button>
          <button type="button" className="button" aria-label="Zoom in" onClick={() => zoomBy(1 / ZOOM_STEP)}>
            +
          </button>
          <button type="button" className="button" disabled={chosen === null} onClick={() => setChosen(null)}>
            Whole session
          </button>
        </div>
      </div>
      <div
        className="panel max-h-[70dvh] overflow-y-auto"
        ref={region}
        role="region"
        aria-label="Timeline. Zoom with plus and minus, move with the arrow keys, 0 shows all of it."
        tabIndex={0}
        data-testid="session-timeline"
        data-points={spans.length}
      >
        <Axis view={view} originMs={extent.startMs} onZoom={(factor, atMs) => change(zoom(view, extent, factor, atMs))} onPan={(share) => change(pan(view, extent, share))}>
          {spans.map((span) => (
            <SpanRow key={span.call.request_id} span={span} view={view} originMs={extent.startMs} />
          ))}
        </Axis>
      </div>
    </div>
  );
}

/** Returns what makes an element do something for each of some keys, while it has the focus itself. */
function useKeys(actions: Record<string, () => void>) {
  const element = useRef<HTMLDivElement>(null);
  const latest = useRef(actions);
  useEffect(() => {
    latest.current = actions;
  });
  useEffect(() => {
    const target = element.current;
    const press = (event: KeyboardEvent) => {
      const action = event.ctrlKey || event.metaKey || event.target !== target ? undefined : latest.current[event.key];
      if (!action) return;
      event.preventDefault();
      action();
    };
    target?.addEventListener("keydown", press);
    return () => target?.removeEventListener("keydown", press);
  }, []);
  return element;
}

function Legend({ spans }: { spans: readonly Span[] }) {
  const paths = [...new Map(spans.map(({ path, colour }) => [path, colour]))];
  return (
    <ul className="flex min-w-0 flex-wrap gap-x-3 gap-y-1 text-xs text-ink-soft" aria-label="Colours of the paths">
      {paths.slice(0, NAMED_PATHS).map(([path, colour]) => (
        <li key={path} className="flex items-center gap-1.5">
          <span aria-hidden="true" className="size-2.5 shrink-0 rounded-sm" style={{ background: cssColour(colourAt(colour)) }} />
          <span className="wrap-anywhere">{path || "no path"}</span>
        </li>
      ))}
      {paths.length > NAMED_PATHS && <li>and {paths.length - NAMED_PATHS} more</li>}
    </ul>
  );
}

interface AxisProps {
  view: Stretch;
  originMs: number;
  onZoom: (factor: number, atMs: number) => void;
  onPan: (share: number) => void;
  children: ReactNode;
}

/** The lines of time across all bars, and what a pointer does to them. */
function Axis({ view, originMs, onZoom, onPan, children }: AxisProps) {
  const area = useRef<HTMLDivElement>(null);
  const dragged = useRef<number | null>(null);
  const zoomed = useRef(onZoom);
  const seen = useRef(view);
  useEffect(() => {
    zoomed.current = onZoom;
    seen.current = view;
  });
  useEffect(() => {
    const element = area.current;
    if (!element) return;
    const turn = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) return;
      // The browser would zoom the page.
      event.preventDefault();
      const track = trackOf(element);
      const share = Math.min(1, Math.max(0, (event.clientX - track.left) / track.width));
      const { startMs, endMs } = seen.current;
      zoomed.current(event.deltaY > 0 ? WHEEL_STEP : 1 / WHEEL_STEP, startMs + share * (endMs - startMs));
    };
    element.addEventListener("wheel", turn, { passive: false });
    return () => element.removeEventListener("wheel", turn);
  }, []);
  const grab = (event: PointerEvent) => {
    if (event.button === 0 && event.pointerType === "mouse" && !(event.target instanceof Element && event.target.closest("a"))) dragged.current = event.clientX;
  };
  const drag = (event: PointerEvent<HTMLDivElement>) => {
    if (dragged.current === null || event.buttons === 0) return;
    onPan((dragged.current - event.clientX) / trackOf(event.currentTarget).width);
    dragged.current = event.clientX;
  };
  const ticks = ticksOf(view, originMs, TICKS);
  const shareOf = (atMs: number) => ((atMs - view.startMs) / (view.endMs - view.startMs)) * 100;
  return (
    <div ref={area} className="relative min-w-0 select-none" onPointerDown={grab} onPointerMove={drag} onPointerUp={() => (dragged.current = null)} onPointerLeave={() => (dragged.current = null)}>
      <div className="sticky top-0 z-[1] flex h-7 border-b border-line bg-surface text-xs text-ink-faint">
        <span className="w-28 shrink-0 self-center truncate pl-3 sm:w-52 sm:pl-4">Call</span>
        <div className="relative mr-4 min-w-0 flex-1 overflow-hidden" data-track>
          {ticks.map(({ atMs, text }, index) => {
            const left = shareOf(atMs);
            // A text at the right edge stands before its line.
            return (
              <span key={atMs} className={`absolute top-1.5 whitespace-nowrap tabular-nums ${left > 88 ? "-translate-x-full pr-1" : "pl-1"} ${index % 2 === 1 ? "max-sm:hidden" : ""}`} style={{ left: `${left}%` }}>
                {text}
              </span>
            );
          })}
        </div>
      </div>
      <div className="pointer-events-none absolute inset-y-0 right-4 left-28 top-7 sm:left-52" aria-hidden="true">
        {ticks.map(({ atMs }) => (
          <span key={atMs} className="absolute inset-y-0 w-px bg-line" style={{ left: `${shareOf(atMs)}%` }} />
        ))}
      </div>
      <ol className="relative py-1">{children}</ol>
    </div>
  );
}

function trackOf(element: Element): DOMRect {
  return (element.querySelector("[data-track]") ?? element).getBoundingClientRect();
}

interface SpanRowProps {
  span: Span;
  view: Stretch;
  originMs: number;
}

function SpanRow({ span, view, originMs }: SpanRowProps) {
  const { call, path, colour } = span;
  const placed = place(span, view);
  const status = statusOf(call);
  const took = formatDuration(span.endMs - span.startMs);
  const name = path.split("/").at(-1) || modelOf(call) || "call";
  const told = `${path || "no path"}, ${modelOf(call) ?? "unknown model"}, ${status.text}, ${took}, ${formatDuration(span.startMs - originMs)} after the beginning`;
  return (
    <li className="flex h-7 items-center hover:bg-raised/60" data-call={call.request_id}>
      <Link
        to="/requests/$requestId"
        params={{ requestId: call.request_id }}
        title={`${told}\n${formatFullInstant(call.request_created_at)}`}
        className="flex h-full w-full min-w-0 items-center"
      >
        <span className="sr-only">{told}</span>
        <span aria-hidden="true" className="w-28 shrink-0 truncate pr-2 pl-3 text-[0.8125rem] sm:w-52 sm:pl-4">
          <span className={status.tone === "good" ? "" : "text-bad"}>{name}</span>
          <span className="text-xs text-ink-faint max-sm:hidden"> {path ? modelOf(call) : ""}</span>
        </span>
        <span aria-hidden="true" className="relative mr-4 h-full min-w-0 flex-1 overflow-hidden">
          {placed && (
            <span
              className={`absolute top-1.5 h-4 min-w-1 rounded-sm ${status.tone === "good" ? "" : "outline-2 -outline-offset-2 outline-bad"}`}
              style={{ left: `${placed.from * 100}%`, width: `${placed.length * 100}%`, background: cssColour(colourAt(colour)) }}
            />
          )}
          {placed && <BarText placed={placed} text={took} />}
        </span>
      </Link>
    </li>
  );
}

/** Stands behind the bar, or before it where there is no room behind. */
function BarText({ placed: { from, length }, text }: { placed: { from: number; length: number }; text: string }) {
  const end = from + length;
  if (end > 0.75 && from < 0.2) return null;
  const style = end > 0.75 ? { right: `${(1 - from) * 100}%` } : { left: `${end * 100}%` };
  return (
    <span className="absolute top-1.5 px-1.5 text-xs leading-4 whitespace-nowrap text-ink-soft tabular-nums" style={style}>
      {text}
    </span>
  );
}
