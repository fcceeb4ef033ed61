import { useQuery } from "@tanstack/react-query";
import { listHostRules } from "../api/control";
import { QueryState } from "../components/QueryState";
import { Section } from "../components/Section";
import { useClient } from "../session/ClientContext";
import { RuleList } from "./RuleList";

interface HostRulesProps {
  mayManage: boolean;
}

/** The organisation's own say on where its calls may go. */
export function HostRules({ mayManage }: HostRulesProps) {
  const client = useClient();
  const query = useQuery({ queryKey: ["host-rules"], queryFn: ({ signal }) => listHostRules(client, signal) });
  return (
    <Section title="Host rules" lead="Where calls of your organisation may go. In a host, one * stands for any characters without a dot: *.example.com. Changes hold at once.">
      <QueryState what="The host rules" query={query} />
      {query.data && (
        <div className="grid items-start gap-3 md:grid-cols-2">
          <RuleList effect="allow" rules={query.data} mayManage={mayManage} />
          <RuleList effect="deny" rules={query.data} mayManage={mayManage} />
        </div>
      )}
    </Section>
  );
}
