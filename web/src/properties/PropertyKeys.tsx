import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useChange } from "../announce/useChange";
import { hideProperty, listHiddenProperties, restoreProperty } from "../api/properties";
import { BusyButton } from "../components/BusyButton";
import { ProblemNotice } from "../components/ProblemNotice";
import { useClient } from "../session/ClientContext";

interface PropertyKeysProps {
  names: readonly string[];
  chosen: string | null;
  mayWrite: boolean;
  onChoose: (name: string) => void;
}

/** The names of properties: found by a part of them, hidden, and shown again. */
export function PropertyKeys({ names, chosen, mayWrite, onChoose }: PropertyKeysProps) {
  const [search, setSearch] = useState("");
  const fitting = names.filter((name) => name.toLowerCase().includes(search.trim().toLowerCase()));
  return (
    <div className="flex min-w-0 flex-col gap-2" data-testid="property-keys">
      <input type="search" className="control w-full" aria-label="Search properties" placeholder="Search properties" value={search} onChange={(event) => setSearch(event.target.value)} />
      <ul className="panel flex overflow-auto p-1 max-lg:gap-1 lg:max-h-[calc(100dvh-14rem)] lg:flex-col" aria-label="Properties">
        {fitting.map((name) => (
          <li key={name} className="shrink-0">
            <button
              type="button"
              aria-pressed={name === chosen}
              onClick={() => onChoose(name)}
              className="w-full max-w-60 truncate rounded-md px-2.5 py-1.5 text-left text-[0.8125rem] font-medium hover:bg-raised aria-pressed:bg-accent-wash aria-pressed:text-accent lg:max-w-full"
              title={name}
            >
              {name}
            </button>
          </li>
        ))}
        {fitting.length === 0 && <li className="px-2.5 py-1.5 text-ink-soft">None is called so.</li>}
      </ul>
      <HiddenKeys mayWrite={mayWrite} />
    </div>
  );
}

/** The names that somebody took off the list. */
function HiddenKeys({ mayWrite }: { mayWrite: boolean }) {
  const client = useClient();
  const query = useQuery({ queryKey: ["properties", "hidden"], queryFn: ({ signal }) => listHiddenProperties(client, signal) });
  const restore = useChange<string, void>({
    make: restoreProperty,
    told: (_, key) => `${key} is shown again.`,
    changes: ["properties"],
  });
  if (!query.data || query.data.length === 0) return null;
  return (
    <details className="text-[0.8125rem]">
      <summary className="text-ink-soft">Hidden ({query.data.length})</summary>
      <ul className="mt-1 flex flex-col gap-0.5">
        {query.data.map((key) => (
          <li key={key} className="flex items-center gap-2">
            <span className="min-w-0 flex-1 truncate text-ink-soft" title={key}>
              {key}
            </span>
            {mayWrite && (
              <BusyButton className="button-quiet" aria-label={`Show ${key} again`} isBusy={restore.isPending} onClick={() => restore.mutate(key)}>
                Show
              </BusyButton>
            )}
          </li>
        ))}
      </ul>
      <ProblemNotice error={restore.error} />
    </details>
  );
}

/** Takes a property off the list. */
export function HideButton({ name, onHidden }: { name: string; onHidden: () => void }) {
  const hide = useChange<void, void>({
    make: (client) => hideProperty(client, name),
    told: () => `${name} is hidden. Its calls keep it.`,
    changes: ["properties"],
    then: onHidden,
  });
  return (
    <>
      <BusyButton className="button" aria-label={`Hide ${name}`} title="Takes it off the list; its calls keep it" isBusy={hide.isPending} onClick={() => hide.mutate()}>
        Hide
      </BusyButton>
      <ProblemNotice error={hide.error} />
    </>
  );
}
