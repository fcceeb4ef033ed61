import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { listAllDomains, type DomainStatus } from "../api/control";
import { QueryState } from "../components/QueryState";
import { Section } from "../components/Section";
import { Segmented } from "../components/Segmented";
import { useClient } from "../session/ClientContext";
import { ReviewItem } from "./ReviewItem";

const FILTERS = [
  { value: "pending", text: "Pending" },
  { value: "approved", text: "Approved" },
  { value: "rejected", text: "Rejected" },
  { value: "withdrawn", text: "Withdrawn" },
  { value: "all", text: "All" },
] as const;

/** The domains of all organisations, for an administrator to decide on. */
export function DomainReview() {
  const client = useClient();
  const [status, setStatus] = useState<DomainStatus | "all">("pending");
  const query = useQuery({
    queryKey: ["all-domains", status],
    queryFn: ({ signal }) => listAllDomains(client, status === "all" ? null : status, signal),
    placeholderData: keepPreviousData,
  });
  return (
    <Section
      title="Review"
      lead="Domains of all organisations. You see this because your key is an administrator's. What you decide holds whatever the TXT record says."
      action={<Segmented label="Domains shown" options={FILTERS} value={status} onChange={setStatus} />}
    >
      <QueryState what="The domains of all organisations" query={query} />
      {query.data?.length === 0 && <p className="panel px-4 py-6 text-center text-ink-soft">{status === "all" ? "Nobody asked for a domain yet." : `No domain is ${status}.`}</p>}
      {query.data && query.data.length > 0 && (
        <ul className="panel" aria-label="Domains to review">
          {query.data.map((domain) => (
            <ReviewItem key={domain.id} domain={domain} />
          ))}
        </ul>
      )}
    </Section>
  );
}
