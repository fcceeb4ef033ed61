/** Who is told of calls, and what they could not be told. */
import type { ApiClient } from "./client";
import type { DeadLetter, Webhook, WebhookAttempt } from "./types";

export interface WantedWebhook {
  destination: string;
  config: { sampleRate: number; propertyFilters: { key: string; value: string }[] };
  includeData: boolean;
}

const at = (id: string) => `/v1/webhooks/${encodeURIComponent(id)}`;
const letterAt = (letter: DeadLetterRef) => `${at(letter.webhookId)}/dead-letters/${encodeURIComponent(letter.id)}`;

/** Names one dead letter. */
export interface DeadLetterRef {
  webhookId: string;
  id: string;
}

export function listWebhooks(client: ApiClient, signal?: AbortSignal): Promise<Webhook[]> {
  return client.get("/v1/webhooks", signal);
}

/** Makes a webhook; the answer holds the only copy of its key. */
export function createWebhook(client: ApiClient, wanted: WantedWebhook): Promise<Webhook> {
  return client.post("/v1/webhooks", wanted);
}

export function switchWebhook(client: ApiClient, id: string, isActive: boolean): Promise<void> {
  return client.patch(at(id), { is_active: isActive });
}

export function removeWebhook(client: ApiClient, id: string): Promise<void> {
  return client.delete(at(id));
}

/** Sends a made-up call and says what came of it. */
export function testWebhook(client: ApiClient, id: string): Promise<WebhookAttempt> {
  return client.post(`${at(id)}/test`, {});
}

export function listDeadLetters(client: ApiClient, webhookId: string, signal?: AbortSignal): Promise<DeadLetter[]> {
  return client.get(`${at(webhookId)}/dead-letters`, signal);
}

/** Sends a dead letter once more and says what came of it. */
export function retryDeadLetter(client: ApiClient, letter: DeadLetterRef): Promise<WebhookAttempt> {
  return client.post(`${letterAt(letter)}/retry`, {});
}

export function removeDeadLetter(client: ApiClient, letter: DeadLetterRef): Promise<void> {
  return client.delete(letterAt(letter));
}
