import { useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useChange } from "../announce/useChange";
import { listFilters, removeFilter, saveFilter, type SavedFilter } from "../api/filters";
import type { FilterNode } from "../api/types";
import { Icon } from "../components/Icon";
import { Popover } from "../components/Popover";
import { ProblemNotice } from "../components/ProblemNotice";
import { QueryState } from "../components/QueryState";
import { useClient } from "../session/ClientContext";

interface SavedFiltersProps {
  filter: FilterNode;
  suggestedName: string;
  onChoose: (filter: FilterNode) => void;
}

const NAME_LENGTH = 100;

/** The filters that were kept under a name, for everybody in the organisation. */
export function SavedFilters({ filter, suggestedName, onChoose }: SavedFiltersProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Popover
      label="Saved filters"
      isOpen={isOpen}
      onOpenChange={setOpen}
      className="w-80"
      trigger={
        <button type="button" className="button-quiet">
          <Icon name="bookmark" />
          Saved
        </button>
      }
    >
      <div className="flex flex-col gap-3">
        <SavedList
          onChoose={(chosen) => {
            setOpen(false);
            onChoose(chosen);
          }}
        />
        {filter !== "all" && <SaveForm filter={filter} suggestedName={suggestedName} />}
      </div>
    </Popover>
  );
}

function SavedList({ onChoose }: { onChoose: (filter: FilterNode) => void }) {
  const client = useClient();
  const query = useQuery({ queryKey: ["saved-filters"], queryFn: ({ signal }) => listFilters(client, signal) });
  const remove = useChange<SavedFilter, void>({
    make: (using, { id }) => removeFilter(using, id),
    told: (_, { name }) => `The filter “${name}” is removed`,
    changes: ["saved-filters"],
  });
  return (
    <>
      <QueryState what="The saved filters" query={query} />
      {query.data?.length === 0 && <p className="text-ink-soft">None yet. Set a filter, and save it here under a name.</p>}
      <ul className="flex max-h-72 flex-col overflow-y-auto">
        {query.data?.map((saved) => (
          <li key={saved.id} className="flex items-center gap-1">
            <button type="button" className="h-8 min-w-0 flex-1 truncate rounded-md px-2 text-left hover:bg-raised" title={saved.name} onClick={() => onChoose(saved.filter)}>
              {saved.name}
            </button>
            <button type="button" className="button-quiet px-1.5" aria-label={`Remove the saved filter ${saved.name}`} onClick={() => remove.mutate(saved)}>
              <Icon name="trash" />
            </button>
          </li>
        ))}
      </ul>
      <ProblemNotice error={remove.error} />
    </>
  );
}

function SaveForm({ filter, suggestedName }: Omit<SavedFiltersProps, "onChoose">) {
  const [name, setName] = useState(suggestedName.slice(0, NAME_LENGTH));
  const save = useChange<{ name: string; filter: FilterNode }, SavedFilter>({
    make: saveFilter,
    told: (_, { name: given }) => `The filter “${given}” is saved`,
    changes: ["saved-filters"],
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim()) save.mutate({ name: name.trim(), filter });
  };
  return (
    <form className="flex flex-col gap-2 border-t border-line pt-3" onSubmit={submit}>
      <label className="flex flex-col gap-1 text-xs text-ink-soft">
        Save this filter as
        <input className="control w-full" maxLength={NAME_LENGTH} autoComplete="off" value={name} onChange={(event) => setName(event.target.value)} />
      </label>
      <ProblemNotice error={save.error} />
      <button type="submit" className="button" disabled={name.trim() === "" || save.isPending}>
        Save
      </button>
    </form>
  );
}
