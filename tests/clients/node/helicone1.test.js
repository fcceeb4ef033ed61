// helicone 1: calls the provider itself and logs the call afterwards, at a path with two slashes. (Streams it can't log:
// it takes only an exact `text/event-stream`.)

import { strict as assert } from "node:assert";
import { test } from "node:test";
import helicone from "helicone";
import { logged, TEXT, useSetting } from "./compare.js";
import { LeadingAgent } from "./lead.js";
import { KEY, until } from "./processes.js";

const { HeliconeAsyncConfiguration, HeliconeAsyncOpenAIApi } = helicone;
const CHAT = { model: "gpt-4o-mini", messages: [{ role: "user", content: "Grüße aus Zürich" }] };
const READABLE_MS = 1000;

const setting = useSetting();

/** Makes a call with `call`, and returns the answer of the log and the row that it names. */
async function log(call, baseUrl) {
  const heliconeMeta = { apiKey: KEY, baseUrl, user: "ann", properties: { City: "Zurich" } };
  const options = { apiKey: "sk-provider-key-of-the-caller", heliconeMeta, baseOptions: { httpsAgent: new LeadingAgent(setting.double) } };
  let told;
  await call(new HeliconeAsyncOpenAIApi(new HeliconeAsyncConfiguration(options, async (answer) => (told = answer))));
  const answer = await until(() => told, READABLE_MS, "an answer");
  assert.deepEqual([answer.status, answer.data], [200, "ok"]);
  return { answer, row: await logged(setting.gatehouse, answer.headers["helicone-id"]) };
}

test("helicone 1: a call is logged by either listener", async () => {
  for (const origin of [setting.gatehouse.gateway, setting.gatehouse.api]) {
    const { answer, row } = await log((api) => api.createChatCompletion(CHAT), origin);
    assert.match(answer.config.url, /[^:]\/\/oai\/v1\/log$/);
    assert.deepEqual([row.provider, row.source, row.request_user_id], ["OPENAI", "manual", "ann"]);
    assert.deepEqual([row.response_preview, row.cost_status], [TEXT, "priced"]);
    assert.deepEqual(row.request_body, CHAT);
    assert.deepEqual(row.request_properties, { city: "Zurich" });
  }
});
