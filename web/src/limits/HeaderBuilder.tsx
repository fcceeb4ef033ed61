import { useState } from "react";
import { firstCall } from "../body/curl";
import { Section } from "../components/Section";
import { Snippet } from "../components/Snippet";
import { useGateway } from "../replay/gateway";
import { FIRST_DRAFT, policyOf } from "./draft";
import { policyProblems, policyText } from "./policy";
import { PolicyFields } from "./PolicyFields";

/** Builds the header with which a call brings its own limit. */
export function HeaderBuilder() {
  const gateway = useGateway();
  const [draft, setDraft] = useState(FIRST_DRAFT);
  const policy = policyOf(draft);
  const isWhole = Object.keys(policyProblems(policy)).length === 0;
  const headers = [`Helicone-RateLimit-Policy: ${policyText(policy)}`];
  if (draft.segment === "user") headers.push("Helicone-User-Id: ada");
  if (policy.segment.kind === "property") headers.push(`Helicone-Property-${policy.segment.name}: gold`);
  return (
    <Section title="A limit in a header" lead="A call may bring its limit with it. Several policies stand in one header, separated by commas: all of them hold, beside the rules above.">
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-2">
        <PolicyFields draft={draft} onChange={setDraft} />
        {isWhole && <Snippet label="call with a limit" text={firstCall(gateway, undefined, headers)} />}
      </div>
    </Section>
  );
}
