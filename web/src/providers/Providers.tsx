import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { listProviders } from "../api/control";
import { QueryState } from "../components/QueryState";
import { Section } from "../components/Section";
import { useClient } from "../session/ClientContext";
import { findProviders } from "./describe";
import { ProviderTable } from "./ProviderTable";

/** The providers that the gateway knows. */
export function Providers() {
  const client = useClient();
  const [text, setText] = useState("");
  const query = useQuery({ queryKey: ["providers"], queryFn: ({ signal }) => listProviders(client, signal), staleTime: 300_000 });
  const found = findProviders(query.data ?? [], text);
  return (
    <Section
      title="Known providers"
      lead="Calls to their hosts need no approval and are not limited. A dedicated host leads to its provider without a target header: it is the label before a domain of your gateway (gateway.public_domains)."
      action={
        <input
          type="search"
          className="control w-full sm:w-64"
          aria-label="Search providers"
          placeholder="Search name, host, dialect…"
          spellCheck={false}
          autoComplete="off"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      }
    >
      <QueryState what="The providers" query={query} />
      <p role="status" className="sr-only">
        {query.data && text && `${found.length} of ${query.data.length} providers`}
      </p>
      {query.data && found.length === 0 && (
        <p className="panel px-4 py-6 text-center text-ink-soft">No known provider matches. A host that is missing here can be called all the same: add its domain above.</p>
      )}
      {found.length > 0 && <ProviderTable providers={found} />}
    </Section>
  );
}
