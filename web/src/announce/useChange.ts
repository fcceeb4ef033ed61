import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ApiClient } from "../api/client";
import { useClient } from "../session/ClientContext";
import { announce } from "./announce";
import { keepFocus } from "./keepFocus";

interface Change<Input, Output> {
  make: (client: ApiClient, input: Input) => Promise<Output>;
  /** Says what was done. */
  told: (output: Output, input: Input) => string;
  /** The lists that are read again, before the change counts as done. */
  changes: readonly string[];
  /** What follows at once, even when who asked for the change has gone from the page. */
  then?: (output: Output, input: Input) => void;
}

/** Returns a mutation that announces its success. */
export function useChange<Input, Output>({ make, told, changes, then }: Change<Input, Output>) {
  const client = useClient();
  const queries = useQueryClient();
  return useMutation<Output, Error, Input>({
    mutationFn: (input) => make(client, input),
    // Nothing of an answer is kept when nobody looks at it: it may be a new key.
    gcTime: 0,
    onSuccess: async (output, input) => {
      then?.(output, input);
      await Promise.all(changes.map((name) => queries.invalidateQueries({ queryKey: [name] })));
      announce(told(output, input), keepFocus);
    },
  });
}
