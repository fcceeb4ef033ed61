// openai 4: `baseURL` and `defaultHeaders`, on node-fetch and connections that are kept.

import { strict as assert } from "node:assert";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import OpenAI from "openai4";
import { collect, compareCalls, logged, refuseUnknownKey, TEXT, useSetting } from "./compare.js";
import { LeadingAgent } from "./lead.js";
import { PROVIDER_HOST } from "./processes.js";
import { heliconeHeaders, PROVIDER_KEY } from "./routes.js";

const CHAT = { model: "gpt-4o-mini", messages: [{ role: "user", content: "Grüße aus Zürich" }] };
const COMMON = { apiKey: PROVIDER_KEY, maxRetries: 0, timeout: 20_000 };

const setting = useSetting();

const direct = () => new OpenAI({ ...COMMON, baseURL: `https://${PROVIDER_HOST}/v1`, httpAgent: new LeadingAgent(setting.double) });
const gateway = (more) =>
  new OpenAI({ ...COMMON, baseURL: `${setting.gatehouse.gateway}/v1`, defaultHeaders: heliconeHeaders(PROVIDER_HOST, more) });

/** Returns what an application sees of an error of the SDK. */
function describe(error) {
  if (!(error instanceof OpenAI.APIError)) return null;
  const { status, message, code, param, type } = error;
  return { class: error.constructor.name, status, message, code, param, type, body: error.error };
}

const damaged = (directives) => ({ headers: { "x-double": directives } });
const stream = async (client) =>
  collect(await client.chat.completions.create({ ...CHAT, stream: true, stream_options: { include_usage: true } }));

const program = {
  name: "openai 4",
  setting,
  host: PROVIDER_HOST,
  credential: { authorization: `Bearer ${PROVIDER_KEY}` },
  describe,
  direct,
  gateway,
};

compareCalls(program, {
  plain: [
    (client) => client.chat.completions.create(CHAT),
    ({ choices, usage }) => {
      assert.equal(choices[0].message.content, TEXT);
      assert.ok(usage.prompt_tokens > 0 && usage.completion_tokens > 0);
    },
  ],
  "plain, compressed": [
    (client) => client.chat.completions.create(CHAT, damaged("gzip")),
    ({ choices }) => assert.equal(choices[0].message.content, TEXT),
  ],
  stream: [
    stream,
    (chunks) => {
      assert.ok(chunks.length > 3);
      assert.equal(chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join(""), TEXT);
      assert.ok(chunks.at(-1).usage.total_tokens > 0);
    },
  ],
  models: [async (client) => collect(await client.models.list()), (models) => assert.ok(models.length > 0)],
  "wrong path": [
    (client) => client.post("/chat/nowhere?x=%2F&y=a+b", { body: { a: 1 } }),
    (error) => assert.deepEqual([error.class, error.status], ["NotFoundError", 404]),
  ],
  "status 429": [
    (client) => client.chat.completions.create(CHAT, damaged("status=429,retry-after=7")),
    (error) => assert.deepEqual([error.class, error.status], ["RateLimitError", 429]),
  ],
});

test("openai 4: a request id of the caller's own is taken again by a retry", async () => {
  await setting.double.clear();
  const requestId = randomUUID();
  const options = { ...damaged("status=429,retry-after=0.01"), maxRetries: 1 };
  const client = gateway({ "Helicone-Request-Id": requestId, "Helicone-Property-App": "Zürich", "Helicone-Property-Env": "" });
  await assert.rejects(client.chat.completions.create(CHAT, options), (error) => {
    assert.ok(error instanceof OpenAI.RateLimitError);
    assert.equal(error.headers["helicone-id"], requestId);
    return true;
  });
  assert.equal((await setting.double.requests()).length, 2);
  const row = await logged(setting.gatehouse, requestId);
  assert.deepEqual([row.request_id, row.response_status], [requestId, 429]);
  assert.deepEqual(row.request_properties, { app: "Zürich", env: "" });
});

refuseUnknownKey(
  "openai 4",
  setting,
  (key) => gateway(key).chat.completions.create(CHAT),
  (error) => {
    assert.ok(error instanceof OpenAI.AuthenticationError);
    assert.equal(error.code, "invalid_api_key");
  },
);
