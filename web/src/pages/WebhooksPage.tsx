import { useState } from "react";
import type { Webhook } from "../api/types";
import { Icon } from "../components/Icon";
import { QueryState } from "../components/QueryState";
import { ReadOnlyNote } from "../components/ReadOnlyNote";
import { usePageTitle } from "../components/usePageTitle";
import { mayManage } from "../session/mayManage";
import { useCaller } from "../session/useCaller";
import { CreateWebhookDialog } from "../webhooks/CreateWebhookDialog";
import { NewWebhookPanel } from "../webhooks/NewWebhookPanel";
import { WebhookList } from "../webhooks/WebhookList";

/** Who is told of the organisation's calls. */
export function WebhooksPage() {
  usePageTitle("Webhooks");
  const caller = useCaller();
  const [isCreating, setIsCreating] = useState(false);
  const [created, setCreated] = useState<Webhook | null>(null);
  const manages = caller.data !== undefined && mayManage(caller.data);
  const show = (webhook: Webhook) => {
    setIsCreating(false);
    setCreated(webhook);
  };
  return (
    <div className="flex max-w-6xl flex-col gap-4">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <h1 className="text-lg font-semibold tracking-tight">Webhooks</h1>
        {manages && (
          <button type="button" className="button-primary ml-auto" onClick={() => setIsCreating(true)}>
            <Icon name="plus" />
            Add webhook
          </button>
        )}
      </div>
      <QueryState what="Your permissions" query={caller} />
      {caller.data && !manages && <ReadOnlyNote caller={caller.data} what="add and change webhooks" />}
      {created && <NewWebhookPanel key={created.id} created={created} onDone={() => setCreated(null)} />}
      {caller.data && <WebhookList mayManage={manages} onCreate={() => setIsCreating(true)} />}
      {isCreating && <CreateWebhookDialog onCreated={show} onClose={() => setIsCreating(false)} />}
    </div>
  );
}
