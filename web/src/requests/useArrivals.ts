import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { FilterNode, HeliconeRequest } from "../api/types";
import type { TimeRange } from "../time/range";
import { describeWaiting, newOnes, NOBODY, wait, type Waiting } from "./arrivals";
import { useTail } from "./useTail";
import { wholeFilter } from "./useRequestPages";

/** A range that ends now begins later every minute; what follows need not be that exact. */
const OPEN_END: TimeRange = { range: "all" };
/** A list that grew beyond this by what arrived begins anew: a page that is open all day must not grow all day. */
const MOST_LISTED = 2000;
/** Rows that arrived are pointed out for this long. */
const POINTED_OUT_MS = 2000;

interface Following {
  filter: FilterNode;
  time: TimeRange;
  isFollowing: boolean;
  /** Whether the beginning of the list is in sight: only then do rows appear by themselves, so that nothing jumps. */
  isAtTop: boolean;
  listed: readonly HeliconeRequest[];
  prepend: (rows: HeliconeRequest[]) => void;
  /** Told rows of which some may be listed, with what is known of them now. */
  renew: (rows: HeliconeRequest[]) => void;
  reload: () => void;
}

/** Lets new requests into the list, or has them wait while somebody reads further down. */
export function useArrivals({ filter, time, isFollowing, isAtTop, listed, prepend, renew, reload }: Following) {
  const key = JSON.stringify([filter, time]);
  const [state, setState] = useState(() => beginning(key));
  if (state.key !== key) setState({ key, waiting: NOBODY, arrived: new Set(), now: state.now });
  const ids = useMemo(() => new Set(listed.map((row) => row.request_id)), [listed]);
  const latest = useRef({ ids, isAtTop, prepend, renew, reload, waiting: state.waiting });
  useEffect(() => {
    latest.current = { ids, isAtTop, prepend, renew, reload, waiting: state.waiting };
  });

  const receive = useCallback((rows: HeliconeRequest[]) => {
    const { ids: known, isAtTop: atTop, prepend: insert, renew: replace, reload: restart, waiting } = latest.current;
    replace(rows);
    const fresh = newOnes(rows, known, waiting);
    if (fresh.length === 0) return;
    if (atTop && waiting.rows.length === 0) {
      if (known.size + fresh.length > MOST_LISTED) restart();
      else insert(fresh);
      setState((old) => ({ ...old, now: new Date(), arrived: new Set(fresh.map((row) => row.request_id)) }));
    } else {
      setState((old) => ({ ...old, now: new Date(), waiting: wait(old.waiting, fresh) }));
    }
  }, []);
  const followed = useMemo(() => wholeFilter(filter, OPEN_END), [filter]);
  useTail(followed, isFollowing, receive);

  const show = () => {
    const { rows, isOver } = state.waiting;
    if (isOver) reload();
    else prepend(rows);
    setState({ ...state, waiting: NOBODY, arrived: new Set(rows.map((row) => row.request_id)) });
  };
  const { arrived } = state;
  useEffect(() => {
    if (arrived.size === 0) return;
    const timer = setTimeout(() => setState((old) => ({ ...old, arrived: new Set() })), POINTED_OUT_MS);
    return () => clearTimeout(timer);
  }, [arrived]);
  return { waiting: textOf(state.waiting), arrived, now: state.now, show };
}

function beginning(key: string) {
  return { key, waiting: NOBODY, arrived: new Set<string>() as ReadonlySet<string>, now: new Date() };
}

function textOf(waiting: Waiting): string | null {
  return waiting.rows.length === 0 ? null : describeWaiting(waiting);
}
