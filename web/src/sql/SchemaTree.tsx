import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { getSqlSchema } from "../api/sql";
import { QueryState } from "../components/QueryState";
import { useClient } from "../session/ClientContext";

interface SchemaTreeProps {
  /** Puts a name where the cursor is. */
  onInsert: (name: string) => void;
}

/** The tables that can be asked, with their columns. */
export function SchemaTree({ onInsert }: SchemaTreeProps) {
  const client = useClient();
  const [search, setSearch] = useState("");
  const query = useQuery({ queryKey: ["sql-schema"], queryFn: ({ signal }) => getSqlSchema(client, signal), staleTime: Infinity });
  if (query.data === undefined) return <QueryState what="The tables" query={query} />;
  const part = search.trim().toLowerCase();
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <input type="search" className="control w-full" aria-label="Search columns" placeholder="Search columns" value={search} onChange={(event) => setSearch(event.target.value)} />
      <div className="flex flex-col gap-1" data-testid="sql-schema">
        {query.data.map(({ table_name: table, columns }) => {
          const fitting = columns.filter(({ name }) => name.toLowerCase().includes(part));
          return (
            <details key={table} open>
              <summary className="font-mono text-xs font-medium wrap-anywhere">{table}</summary>
              <ul className="mt-1 max-h-80 overflow-y-auto border-l border-line pl-1">
                {fitting.map(({ name, type, comment }) => (
                  <li key={name}>
                    <button
                      type="button"
                      className="flex w-full min-w-0 items-baseline gap-2 rounded px-2 py-0.5 text-left font-mono text-xs hover:bg-raised"
                      title={comment ? `${name}: ${comment}` : `Puts ${name} into the query`}
                      onClick={() => onInsert(name)}
                    >
                      <span className="min-w-0 flex-1 truncate">{name}</span>
                      <span className="max-w-24 shrink-0 truncate text-[0.6875rem] text-ink-faint">{type.toLowerCase()}</span>
                    </button>
                  </li>
                ))}
                {fitting.length === 0 && <li className="px-2 text-xs text-ink-soft">None is called so.</li>}
              </ul>
            </details>
          );
        })}
      </div>
    </div>
  );
}
