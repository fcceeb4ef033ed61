import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { listDomains } from "../api/control";
import { Icon } from "../components/Icon";
import { QueryState } from "../components/QueryState";
import { Section } from "../components/Section";
import { useClient } from "../session/ClientContext";
import { AddDomainDialog } from "./AddDomainDialog";
import { DomainItem } from "./DomainItem";
import { describeLimits } from "./standing";

const LEAD = "Hosts you call that are no known provider's. Whoever controls a domain's DNS approves it with a TXT record; an administrator can too.";

interface DomainsProps {
  mayManage: boolean;
}

/** The organisation's domains. */
export function Domains({ mayManage }: DomainsProps) {
  const client = useClient();
  const [isAdding, setIsAdding] = useState(false);
  const query = useQuery({ queryKey: ["domains"], queryFn: ({ signal }) => listDomains(client, signal) });
  const add = mayManage && (
    <button type="button" className="button-primary" onClick={() => setIsAdding(true)}>
      <Icon name="plus" />
      Add a domain
    </button>
  );
  const limits = query.data?.[0]?.limits;
  return (
    <Section title="Domains" lead={limits ? `${LEAD} ${describeLimits(limits)}` : LEAD} action={query.data && query.data.length > 0 && add}>
      <QueryState what="The domains" query={query} />
      {query.data?.length === 0 && (
        <div className="panel flex flex-col items-start gap-3 px-4 py-6 sm:px-8">
          <h3 className="font-semibold">No domains yet</h3>
          <p className="max-w-3xl text-ink-soft">
            Calls to the known providers below need no approval. If you call another host, a model server of your own or a smaller provider, add its domain: you get a TXT record to set in its DNS, and
            once the record is found, calls to the domain are no longer limited.
          </p>
          {add}
        </div>
      )}
      {query.data && query.data.length > 0 && (
        <ul className="panel">
          {query.data.toReversed().map((domain) => (
            <DomainItem key={domain.id} domain={domain} mayManage={mayManage} />
          ))}
        </ul>
      )}
      {isAdding && <AddDomainDialog onClose={() => setIsAdding(false)} />}
    </Section>
  );
}
