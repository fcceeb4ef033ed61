import type { Webhook } from "../api/types";

/** What a webhook is told of. */
export interface WebhookSettings {
  sampleRate: number;
  includeData: boolean;
  propertyFilters: { key: string; value: string }[];
}

/** Reads the settings, which the API tells as JSON text. */
export function settingsOf({ config }: Pick<Webhook, "config">): WebhookSettings {
  const read: Partial<WebhookSettings> = JSON.parse(config);
  return { sampleRate: read.sampleRate ?? 100, includeData: read.includeData ?? true, propertyFilters: read.propertyFilters ?? [] };
}

/** Says in a sentence which calls a webhook is told of, and what of each. */
export function describeSettings({ sampleRate, includeData, propertyFilters }: WebhookSettings): string {
  const which = sampleRate >= 100 ? "Every call" : `${sampleRate} % of the calls`;
  const filters = propertyFilters.map(({ key, value }) => `${key} is ${value}`).join(" and ");
  const told = includeData ? "with model, tokens, cost and latency" : "without figures";
  return `${which}${filters ? ` whose ${filters}` : ""}, ${told}.`;
}
