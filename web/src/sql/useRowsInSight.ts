import { useEffect, useState, type RefObject } from "react";

/** Rows beyond both edges, so that a short scroll shows nothing empty. */
const BEYOND = 12;

/** Returns which of `count` rows of one height are in sight of a scrolling area: from the first up to, without, the last. */
export function useRowsInSight(area: RefObject<HTMLElement | null>, count: number, rowHeight: number): { first: number; last: number } {
  const [seen, setSeen] = useState({ top: 0, height: 0 });
  useEffect(() => {
    const element = area.current;
    if (element === null) return;
    const look = () => setSeen({ top: element.scrollTop, height: element.clientHeight });
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, [area]);
  const first = Math.max(0, Math.floor(seen.top / rowHeight) - BEYOND);
  return { first, last: Math.min(count, Math.ceil((seen.top + seen.height) / rowHeight) + BEYOND) };
}
