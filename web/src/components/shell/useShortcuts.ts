import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { NO_KEYS, pressKey } from "./shortcuts";

/** Listens to the keys that work on every page; `onHelp` shows what they are. */
export function useShortcuts(onHelp: () => void): void {
  const navigate = useNavigate();
  const state = useRef(NO_KEYS);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const { state: next, command } = pressKey(state.current, event.key, event.timeStamp);
      state.current = next;
      if (command === null) return;
      event.preventDefault();
      if (command.kind === "go") void navigate({ to: command.to });
      else if (command.kind === "help") onHelp();
      else document.querySelector<HTMLElement>('[data-shortcut="filter"]')?.click();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [navigate, onHelp]);
}

/** Keys that are typed into a field, or pressed in a window over the page, belong there. */
function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.closest("input, textarea, select, dialog, [role=dialog], [role=menu]") !== null);
}
