import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Prose } from "../components/Prose";
import { QueryState } from "../components/QueryState";
import { Section } from "../components/Section";
import { usePageTitle } from "../components/usePageTitle";
import { OperationPanel } from "../reference/OperationPanel";
import { groupsOf, type Operation, type OpenApi } from "../reference/operations";
import { useClient } from "../session/ClientContext";

/** Every operation of the API, to be read and to be tried. */
export function ReferencePage() {
  usePageTitle("API");
  const client = useClient();
  const [wanted, setWanted] = useState("");
  const document = useQuery({
    queryKey: ["openapi"],
    queryFn: async ({ signal }) => groupsOf((await (await client.open("/openapi.json", { signal })).json()) as OpenApi),
    staleTime: Infinity,
  });
  const words = wanted.toLowerCase();
  const fits = ({ method, path, summary }: Operation) => `${method} ${path} ${summary}`.toLowerCase().includes(words);
  const groups = (document.data ?? []).map((group) => ({ ...group, operations: group.operations.filter(fits) })).filter(({ operations }) => operations.length > 0);
  return (
    <div className="flex flex-col gap-6">
      <div className="flex flex-col gap-2">
        <h1 className="text-lg font-semibold tracking-tight">API</h1>
        <p className="max-w-3xl text-ink-soft">
          What this server answers, from its own description in{" "}
          <a className="underline" href="/openapi.json">
            /openapi.json
          </a>
          . Calls that are sent from here are made as you, and do what they say.
        </p>
        <label className="flex max-w-md flex-col gap-1">
          Find an operation
          <input className="control" type="search" value={wanted} onChange={(event) => setWanted(event.target.value)} />
        </label>
      </div>
      <QueryState what="The description" query={document} />
      {document.data && groups.length === 0 && <p className="text-ink-soft">No operation is called that.</p>}
      {groups.map((group) => (
        <Section key={group.tag} title={group.tag} lead={group.description}>
          <ul className="flex flex-col gap-2">
            {group.operations.map((operation) => (
              <li key={operation.id} className="panel">
                <Entry operation={operation} />
              </li>
            ))}
          </ul>
        </Section>
      ))}
    </div>
  );
}

function Entry({ operation }: { operation: Operation }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <button type="button" className="flex w-full flex-wrap items-baseline gap-x-3 gap-y-1 p-3 text-left" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
        <span className="w-16 font-mono text-xs font-semibold">{operation.method}</span>
        <span className="font-mono text-xs break-all">{operation.path}</span>
        <span className="text-ink-soft">
          <Prose text={operation.summary} />
        </span>
      </button>
      {isOpen && <OperationPanel operation={operation} />}
    </>
  );
}
