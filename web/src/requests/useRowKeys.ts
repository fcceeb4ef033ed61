import { useEffect, type RefObject } from "react";
import { takeOpened } from "./lastOpened";

const STEPS: Record<string, number> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

/** Attribute of the link in each row that the keys move between; its value is the request id. */
export const ROW_LINK = "data-row-link";

/**
 * Moves the focus between rows with j, k and the arrows. Enter is the focused link's own.
 * Who comes back from a request finds the focus on its row.
 */
export function useRowKeys(table: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const opened = takeOpened();
    const link = linksOf(table.current).find((candidate) => candidate.getAttribute(ROW_LINK) === opened);
    if (link) focusRow(link);
  }, [table]);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const step = STEPS[event.key];
      if (step === undefined || event.ctrlKey || event.metaKey || event.altKey || isElsewhere(event.target, table.current)) return;
      const links = linksOf(table.current);
      const current = links.findIndex((link) => link === document.activeElement);
      const target = current < 0 ? links[0] : links[current + step];
      if (!target) return;
      event.preventDefault();
      focusRow(target);
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [table]);
}

function linksOf(table: HTMLElement | null): HTMLElement[] {
  return [...(table?.querySelectorAll<HTMLElement>(`[${ROW_LINK}]`) ?? [])];
}

function focusRow(link: HTMLElement): void {
  link.focus({ preventScroll: true });
  link.closest("tr")?.scrollIntoView({ block: "nearest" });
}

/** Keys pressed in a field or on a control outside the table belong to it. */
function isElsewhere(target: EventTarget | null, table: HTMLElement | null): boolean {
  if (!(target instanceof HTMLElement) || target === document.body || target.id === "main") return false;
  return !table?.contains(target);
}
