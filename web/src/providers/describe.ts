import type { Provider } from "../api/types";

const DIALECTS: Record<string, string> = {
  openai: "OpenAI",
  anthropic: "Anthropic",
  google: "Google",
  cohere: "Cohere",
  bedrock: "Bedrock",
  unknown: "Other",
};

const CREDENTIALS: Record<string, string> = {
  bearer: "Authorization: Bearer …",
  "x-api-key": "x-api-key",
  "api-key": "api-key",
  "x-goog-api-key": "x-goog-api-key",
  sigv4: "AWS Signature Version 4",
  none: "None",
};

/** Names the shape of a provider's API. */
export function describeDialect(dialect: string): string {
  return DIALECTS[dialect] ?? dialect;
}

/** Names the header in which a provider wants its credential. */
export function describeCredential(auth: string): string {
  return CREDENTIALS[auth] ?? auth;
}

/** Returns the providers that have each word of `text` somewhere: in a name, a host, a label, their dialect. */
export function findProviders(providers: readonly Provider[], text: string): Provider[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return providers.filter((provider) => {
    const { title, name, hosts, label, dialect, auth } = provider;
    const all = [title, name, ...hosts, label ?? "", describeDialect(dialect), describeCredential(auth)].join(" ").toLowerCase();
    return words.every((word) => all.includes(word));
  });
}
