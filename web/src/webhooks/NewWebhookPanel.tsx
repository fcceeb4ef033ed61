import type { Webhook } from "../api/types";
import { OncePanel } from "../components/OncePanel";
import { Snippet } from "../components/Snippet";

/** How a receiver checks that a delivery is ours. */
const CHECK = `const expected = createHmac("sha256", process.env.WEBHOOK_KEY).update(rawBody).digest("hex");
const given = request.headers["helicone-signature"];
if (!timingSafeEqual(Buffer.from(expected), Buffer.from(given))) throw new Error("not from Gatehouse");`;

interface NewWebhookPanelProps {
  created: Webhook;
  onDone: () => void;
}

/** Shows the key of a new webhook, this once, and what a receiver does with it. */
export function NewWebhookPanel({ created, onDone }: NewWebhookPanelProps) {
  return (
    <OncePanel
      title="Copy the webhook's key now"
      lead="Every delivery is signed with it. It is not shown again; if it gets lost, remove the webhook and add it anew."
      what="key"
      secret={created.hmac_key}
      testId="new-webhook-key"
      onDone={onDone}
    >
      <p className="text-ink-soft">The receiver checks the signature like this:</p>
      <Snippet label="check of a signature" text={CHECK} />
    </OncePanel>
  );
}
