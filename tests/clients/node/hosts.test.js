// The newest openai by every door but `Helicone-Target-Url`: dedicated hosts, keys in the path, two tokens in one header.

import { strict as assert } from "node:assert";
import { test } from "node:test";
import OpenAI from "openai";
import { collect, compareCalls, logged, TEXT, useSetting } from "./compare.js";
import { KEY, PROVIDER_HOST } from "./processes.js";
import { heliconeHeaders, PROVIDER_KEY } from "./routes.js";

const CHAT = { model: "gpt-4o-mini", messages: [{ role: "user", content: "Grüße aus Zürich" }] };
const EUROPE = "eu.api.openai.com";

const setting = useSetting();

const client = (baseURL, defaultHeaders) => new OpenAI({ apiKey: PROVIDER_KEY, maxRetries: 0, baseURL, defaultHeaders });
const at = (host, path, headers) => client(`http://${host}:${setting.gatehouse.port}${path}`, headers);

const AUTH = { "Helicone-Auth": `Bearer ${KEY}` };
const TARGET = { "Helicone-Target-Url": `https://${PROVIDER_HOST}` };
const DOORS = {
  "dedicated host": () => at("oai.localhost", "/v1", AUTH),
  "gateway host": () => at("gateway.localhost", "/v1", heliconeHeaders(PROVIDER_HOST)),
  "label in the path": () => at("127.0.0.1", "/v1/gateway/oai/v1", AUTH),
  "key before v1": () => at("oai.localhost", `/${KEY}/v1`, {}),
  "key after v1": () => at("oai.localhost", `/v1/${KEY}`, {}),
  "key in the path, target in the header": () => at("127.0.0.1", `/${KEY}/v1`, TARGET),
  "two tokens": () => at("oai.localhost", "/v1", { Authorization: `Bearer ${PROVIDER_KEY}, Bearer ${KEY}` }),
  "two tokens, target in the header": () =>
    at("127.0.0.1", "/v1", { ...TARGET, Authorization: `Bearer ${PROVIDER_KEY}, Bearer ${KEY}` }),
};

/** Returns what an application sees of an error of the SDK. */
function describe(error) {
  if (!(error instanceof OpenAI.APIError)) return null;
  return { class: error.constructor.name, status: error.status, message: error.message, body: error.error };
}

const CALLS = {
  plain: [
    (openai) => openai.chat.completions.create(CHAT),
    ({ choices, usage }) => {
      assert.equal(choices[0].message.content, TEXT);
      assert.ok(usage.prompt_tokens > 0 && usage.completion_tokens > 0);
    },
  ],
  stream: [
    async (openai) => collect(await openai.chat.completions.create({ ...CHAT, stream: true })),
    (chunks) => {
      assert.ok(chunks.length > 3);
      assert.equal(chunks.map(({ choices }) => choices[0].delta.content ?? "").join(""), TEXT);
    },
  ],
  "wrong path, with a query": [
    (openai) => openai.post("/chat/nowhere?x=%2F&y=a+b", { body: { a: 1 } }),
    (error) => assert.deepEqual([error.class, error.status], ["NotFoundError", 404]),
  ],
};

const credential = { authorization: `Bearer ${PROVIDER_KEY}` };
for (const [name, gateway] of Object.entries(DOORS)) {
  const direct = () => client(`https://${PROVIDER_HOST}/v1`, {});
  compareCalls({ name: `openai, ${name}`, setting, host: PROVIDER_HOST, credential, describe, direct, gateway }, CALLS);

  test(`openai, ${name}: the row names the provider and has no key`, async () => {
    const { response } = await gateway().chat.completions.create(CHAT).withResponse();
    const row = await logged(setting.gatehouse, response.headers.get("helicone-id"));
    assert.deepEqual([row.provider, row.response_status, row.request_path], ["OPENAI", 200, "/v1/chat/completions"]);
    assert.ok(!JSON.stringify(row).includes("sk-"));
  });
}

compareCalls(
  {
    name: "openai, Helicone-OpenAI-Api-Base",
    setting,
    host: EUROPE,
    credential,
    describe,
    direct: () => client(`https://${EUROPE}/v1`, {}),
    // Only the origin of the base counts, so the version is not there twice.
    gateway: () => at("oai.localhost", "/v1", { ...AUTH, "Helicone-OpenAI-Api-Base": `https://${EUROPE}/v1` }),
  },
  CALLS,
);

test("openai: an unknown Helicone key in the path is an authentication error", async () => {
  await setting.double.clear();
  const unknown = KEY.replace("aaaaaaa", "0000000");
  await assert.rejects(at("oai.localhost", `/${unknown}/v1`, {}).chat.completions.create(CHAT), (error) => {
    assert.ok(error instanceof OpenAI.AuthenticationError);
    assert.equal(error.code, "invalid_api_key");
    assert.ok(!error.message.includes(unknown));
    return true;
  });
  assert.deepEqual(await setting.double.requests(), []);
});
