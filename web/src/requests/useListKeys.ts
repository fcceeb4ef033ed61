import { useEffect, useLayoutEffect, useRef } from "react";

const STEPS: Record<string, number> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

interface ListKeys {
  ids: readonly string[];
  /** Returns the row to begin with. */
  firstInSight: () => string | null;
  activeId: string | null;
  openId: string | null;
  onMove: (requestId: string) => void;
  onOpen: (requestId: string) => void;
  onClose: () => void;
  onWhole: (requestId: string) => void;
}

/** j, k and the arrows move through the list, Enter opens, o opens on a page of its own, Escape closes. */
export function useListKeys({ ids, firstInSight, activeId, openId, onMove, onOpen, onClose, onWhole }: ListKeys): void {
  // The row that was moved to last, until the focus is there or somebody points elsewhere: who types fast does not wait.
  const moved = useRef<string | null>(null);
  useEffect(() => {
    const forget = () => (moved.current = null);
    const events = ["focusin", "pointerdown"] as const;
    for (const event of events) document.addEventListener(event, forget);
    return () => events.forEach((event) => document.removeEventListener(event, forget));
  }, []);
  // Keys mean the rows that are in sight, from the moment they are.
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || belongsElsewhere(event)) return;
      const step = STEPS[event.key];
      const from = moved.current ?? activeId;
      const at = from === null ? -1 : ids.indexOf(from);
      const target = step === undefined ? undefined : at < 0 ? (firstInSight() ?? ids[0]) : ids[at + step];
      const wanted = moved.current ?? (isControl(event.target) ? null : activeId);
      if (target !== undefined) {
        moved.current = target;
        onMove(target);
      } else if (event.key === "Enter" && wanted !== null) onOpen(wanted);
      else if (event.key === "o" && from !== null) onWhole(from);
      else if (event.key === "Escape" && openId !== null) onClose();
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [ids, firstInSight, activeId, openId, onMove, onOpen, onClose, onWhole]);
}

/** Keys in a field or in a window over the page belong there; so do arrows in what scrolls or has arrows of its own. */
function belongsElsewhere({ target, key }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.closest("input, textarea, select, dialog, [role=dialog], [role=menu]")) return true;
  return key.startsWith("Arrow") && target.closest("[role=slider], [role=tablist], [role=region]") !== null;
}

function isControl(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("a, button, summary") !== null;
}
