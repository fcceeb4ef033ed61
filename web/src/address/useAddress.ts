import { useNavigate, useRouterState } from "@tanstack/react-router";
import { useCallback } from "react";
import type { Address } from "./address";

/** Changes what it names and keeps the rest; undefined takes a name off. A change that `replace`s leaves no step to go back to. */
export type ChangeAddress = (change: Address, options?: { replace?: boolean }) => void;

/** Returns what the address bar says and a function that changes it. */
export function useAddress(): [Address, ChangeAddress] {
  const address = useRouterState({ select: (state) => state.location.search as Address });
  const navigate = useNavigate();
  const change = useCallback<ChangeAddress>(
    (next, { replace = false } = {}) => {
      void navigate({ to: ".", search: (previous: Address) => ({ ...previous, ...next }), replace, resetScroll: false });
    },
    [navigate],
  );
  return [address, change];
}
