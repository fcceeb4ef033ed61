// The two ways to the provider: straight to it, and through the gateway.
//
// Straight means that the SDK is told `https://api.openai.com/v1`, and only the TCP connection is led to the double:
// name, certificate and everything that is sent are those of a real call.

import { readFileSync } from "node:fs";
import { OpenAI } from "openai";
import { Agent, buildConnector } from "undici";
import { KEY, PROVIDER_HOST } from "./processes.js";

export const PROVIDER_KEY = "sk-provider-key-of-the-caller";

/** Returns the headers of a user of the gateway whose calls are for `host`. */
export const heliconeHeaders = (host, more = {}) => ({
  "Helicone-Auth": `Bearer ${KEY}`,
  "Helicone-Target-Url": `https://${host}`,
  ...more,
});

const COMMON = { apiKey: PROVIDER_KEY, maxRetries: 0, timeout: 20_000 };

/** Returns a client that speaks to the provider itself. */
export function directClient(double, options = {}) {
  const connect = buildConnector({ ca: readFileSync(double.ca) });
  const toDouble = (target, callback) =>
    connect({ ...target, hostname: "127.0.0.1", port: String(double.port), servername: PROVIDER_HOST }, callback);
  const dispatcher = new Agent({ connect: toDouble });
  return new OpenAI({ ...COMMON, baseURL: `https://${PROVIDER_HOST}/v1`, fetchOptions: { dispatcher }, ...options });
}

/** Returns a client as a user of the gateway makes it: another base URL and two headers. */
export function gatewayClient(gatehouse, options = {}) {
  const defaultHeaders = heliconeHeaders(PROVIDER_HOST, options.defaultHeaders);
  return new OpenAI({ ...COMMON, baseURL: `${gatehouse.gateway}/v1`, ...options, defaultHeaders });
}
