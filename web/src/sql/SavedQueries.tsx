import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useChange } from "../announce/useChange";
import { listSavedQueries, removeSavedQuery, type SavedQuery } from "../api/sql";
import { ConfirmDialog } from "../components/ConfirmDialog";
import { Icon } from "../components/Icon";
import { QueryState } from "../components/QueryState";
import { useClient } from "../session/ClientContext";

interface SavedQueriesProps {
  /** The one that is in the editor. */
  chosen: string | null;
  mayWrite: boolean;
  onChoose: (query: SavedQuery) => void;
  onRemoved: (id: string) => void;
}

/** The queries that somebody kept. */
export function SavedQueries({ chosen, mayWrite, onChoose, onRemoved }: SavedQueriesProps) {
  const client = useClient();
  const [removed, setRemoved] = useState<SavedQuery | null>(null);
  const query = useQuery({ queryKey: ["saved-queries"], queryFn: ({ signal }) => listSavedQueries(client, signal) });
  const remove = useChange<string, void>({
    make: removeSavedQuery,
    told: () => `“${removed?.name ?? "The query"}” is removed.`,
    changes: ["saved-queries"],
    then: (_, id) => {
      setRemoved(null);
      onRemoved(id);
    },
  });
  if (query.data === undefined) return <QueryState what="The saved queries" query={query} />;
  if (query.data.length === 0) return <p className="text-xs text-ink-soft">None yet. {mayWrite && "Save keeps the query in the editor for everybody here."}</p>;
  return (
    <>
      <ul className="flex flex-col gap-0.5" aria-label="Saved queries">
        {query.data.map((saved) => (
          <li key={saved.id} className="flex items-center" data-query={saved.name}>
            <button
              type="button"
              aria-pressed={saved.id === chosen}
              onClick={() => onChoose(saved)}
              className="min-w-0 flex-1 truncate rounded-md px-2 py-1 text-left text-[0.8125rem] hover:bg-raised aria-pressed:bg-accent-wash aria-pressed:text-accent"
              title={saved.sql}
            >
              {saved.name}
            </button>
            {mayWrite && (
              <button type="button" className="button-quiet size-7 justify-center !px-0" aria-label={`Remove ${saved.name}`} onClick={() => setRemoved(saved)}>
                <Icon name="trash" />
              </button>
            )}
          </li>
        ))}
      </ul>
      {removed && (
        <ConfirmDialog
          title={`Remove “${removed.name}”?`}
          action="Remove query"
          doing="Removing…"
          isPending={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate(removed.id)}
          onClose={() => setRemoved(null)}
        >
          <p className="text-ink-soft">Nobody of this organisation finds it in this list any more.</p>
        </ConfirmDialog>
      )}
    </>
  );
}
