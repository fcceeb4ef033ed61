import { useQuery } from "@tanstack/react-query";
import { getRequestInputs } from "../api/requests";
import type { HeliconeRequest } from "../api/types";
import { useClient } from "../session/ClientContext";
import { FactList } from "./FactList";
import { Facts } from "./Facts";

interface PromptFactsProps {
  request: Pick<HeliconeRequest, "request_id" | "prompt_id" | "prompt_version">;
}

/** The prompt and what was filled into it; nothing for a call without one. */
export function PromptFacts({ request }: PromptFactsProps) {
  const client = useClient();
  const hasPrompt = Boolean(request.prompt_id);
  const query = useQuery({
    queryKey: ["inputs", request.request_id],
    queryFn: ({ signal }) => getRequestInputs(client, request.request_id, signal),
    enabled: hasPrompt,
    refetchOnWindowFocus: false,
  });
  if (!hasPrompt) return null;
  return (
    <Facts title="Prompt">
      <FactList
        facts={[
          { name: "Id", value: request.prompt_id },
          { name: "Version", value: request.prompt_version },
          ...Object.entries(query.data?.inputs ?? {}).map(([name, value]) => ({ name: `Input ${name}`, value })),
        ]}
      />
      {query.error && <p className="mt-2 text-xs text-ink-soft">The inputs could not be read: {query.error.message}</p>}
    </Facts>
  );
}
