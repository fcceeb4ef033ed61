import type { ReactNode } from "react";
import type { Domain } from "../api/types";
import { Badge } from "../components/Badge";
import { Instant } from "../components/Instant";
import { describeStanding } from "./standing";

interface DomainFactsProps {
  domain: Domain;
  /** Whose it is, in lists of more than one organisation. */
  organization?: string;
  /** Why it stands there. */
  children?: ReactNode;
}

/** What a domain is and where it stands. */
export function DomainFacts({ domain, organization, children }: DomainFactsProps) {
  const { text, tone } = describeStanding(domain);
  return (
    <div className="flex min-w-0 flex-1 basis-72 flex-col gap-0.5">
      <div className="flex flex-wrap items-center gap-x-3">
        <h3 className="font-mono text-[0.8125rem] font-semibold wrap-anywhere">{domain.domain}</h3>
        <span className="text-[0.8125rem]">
          <Badge tone={tone}>{text}</Badge>
        </span>
      </div>
      <p className="text-xs text-ink-soft wrap-anywhere">
        {organization && `${organization} · `}
        {domain.kind === "company" ? `Company: ${domain.company ?? "not named"}` : "Own deployment"} · added <Instant iso={domain.created_at} />
        {domain.checked_at && (
          <>
            {" · record last looked up "}
            <Instant iso={domain.checked_at} />
          </>
        )}
      </p>
      {children}
    </div>
  );
}
