import { useEffect, useRef, useState } from "react";
import { searchRequests } from "../api/requests";
import type { FilterNode } from "../api/types";
import { Icon } from "../components/Icon";
import { useClient } from "../session/ClientContext";
import { readEvents } from "../stream/events";
import type { Found } from "./snippet";
import { wholeFilter } from "./useRequestPages";
import type { TimeRange } from "../time/range";

const SETTLE_MS = 400;
const MOST_FOUND = 200;

export interface SearchState {
  rows: Found[];
  searched: number;
  total: number | null;
  isDone: boolean;
  error: string | null;
}

const BEGINNING: SearchState = { rows: [], searched: 0, total: null, isDone: false, error: null };

/** Searches the bodies of the requests that fit a filter; null while nothing is searched for. */
export function useBodySearch(query: string | null, filter: FilterNode, time: TimeRange): SearchState | null {
  const client = useClient();
  const [state, setState] = useState<{ key: string; found: SearchState }>({ key: "", found: BEGINNING });
  const key = JSON.stringify([query, filter, time]);
  useEffect(() => {
    const [wanted, within, range] = JSON.parse(key) as [string | null, FilterNode, TimeRange];
    if (wanted === null) return;
    const controller = new AbortController();
    const found: SearchState = { ...BEGINNING, rows: [] };
    let scheduled = 0;
    const show = () => {
      scheduled ||= requestAnimationFrame(() => {
        scheduled = 0;
        setState({ key, found: { ...found, rows: [...found.rows] } });
      });
    };
    const read = async () => {
      const response = await searchRequests(client, { filter: wholeFilter(within, range), query: wanted, limit: MOST_FOUND }, controller.signal);
      for await (const { event, data } of readEvents(response)) {
        if (event === "request") found.rows.push(JSON.parse(data) as Found);
        else if (event === "progress") Object.assign(found, JSON.parse(data) as Pick<SearchState, "searched" | "total">);
        show();
      }
    };
    read()
      .catch((error: unknown) => {
        if (!controller.signal.aborted) found.error = error instanceof Error ? error.message : String(error);
      })
      .finally(() => {
        found.isDone = true;
        if (!controller.signal.aborted) show();
      });
    return () => {
      controller.abort();
      cancelAnimationFrame(scheduled);
    };
  }, [client, key]);
  if (query === null) return null;
  return state.key === key ? state.found : BEGINNING;
}

interface BodySearchProps {
  value: string;
  onChange: (value: string) => void;
}

/** The field for what is searched for in bodies. */
export function BodySearch({ value, onChange }: BodySearchProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const change = useRef(onChange);
  useEffect(() => {
    change.current = onChange;
  });
  useEffect(() => {
    if (typed === null) return;
    const timer = setTimeout(() => {
      setTyped(null);
      change.current(typed.trim());
    }, SETTLE_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <span className="relative inline-flex min-w-0 flex-1 basis-48 items-center max-sm:order-last max-sm:basis-full sm:max-w-80">
      <span className="pointer-events-none absolute left-2 text-ink-faint">
        <Icon name="search" />
      </span>
      <input
        type="search"
        className="control w-full min-w-0 pl-8"
        aria-label="Search what was said"
        placeholder="Search what was said"
        autoComplete="off"
        spellCheck={false}
        value={typed ?? value}
        onChange={(event) => setTyped(event.target.value)}
      />
    </span>
  );
}

/** How far a search is. */
export function SearchProgress({ state }: { state: SearchState }) {
  const { rows, searched, total, isDone, error } = state;
  const share = total === null || total === 0 ? null : Math.min(1, searched / total);
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-ink-soft" data-testid="search-progress">
      <p role="status" className="tabular-nums">
        {rows.length === 1 ? "1 found" : `${rows.length.toLocaleString("en-US")}${rows.length >= MOST_FOUND ? " or more" : ""} found`}
        {isDone ? "" : total === null ? ", searching…" : `, ${searched.toLocaleString("en-US")} of ${total.toLocaleString("en-US")} searched`}
      </p>
      {!isDone && (
        <progress className="h-1.5 w-40 overflow-hidden rounded-full [&::-moz-progress-bar]:bg-accent-fill [&::-webkit-progress-bar]:bg-raised [&::-webkit-progress-value]:bg-accent-fill" aria-label="Searching" {...(share !== null && { value: share })} />
      )}
      {error && (
        <p role="alert" className="text-bad">
          The search failed: {error}
        </p>
      )}
    </div>
  );
}
