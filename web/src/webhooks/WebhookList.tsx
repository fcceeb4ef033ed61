import { useQuery } from "@tanstack/react-query";
import { listWebhooks } from "../api/webhooks";
import { QueryState } from "../components/QueryState";
import { useClient } from "../session/ClientContext";
import { FirstWebhook } from "./FirstWebhook";
import { WebhookItem } from "./WebhookItem";

interface WebhookListProps {
  mayManage: boolean;
  onCreate: () => void;
}

/** The organisation's webhooks, and what can be done with each. */
export function WebhookList({ mayManage, onCreate }: WebhookListProps) {
  const client = useClient();
  const query = useQuery({ queryKey: ["webhooks"], queryFn: ({ signal }) => listWebhooks(client, signal) });
  if (query.data === undefined) return <QueryState what="The webhooks" query={query} />;
  if (query.data.length === 0) return <FirstWebhook onCreate={mayManage ? onCreate : undefined} />;
  return (
    <>
      <QueryState what="The webhooks" query={query} />
      <ul className="flex flex-col gap-3">
        {query.data.map((webhook) => (
          <WebhookItem key={webhook.id} webhook={webhook} mayManage={mayManage} />
        ))}
      </ul>
    </>
  );
}
