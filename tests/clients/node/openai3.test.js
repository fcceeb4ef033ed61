// openai 3 against Azure: `basePath`, the key in `api-key`, the version of the API in the query of every request.

import { strict as assert } from "node:assert";
import { test } from "node:test";
import { Configuration, OpenAIApi } from "openai3";
import { collect, compareCalls, header, logged, refuseUnknownKey, TEXT, useSetting } from "./compare.js";
import { LeadingAgent } from "./lead.js";
import { AZURE_HOST } from "./processes.js";
import { heliconeHeaders } from "./routes.js";

const AZURE_KEY = "0123456789abcdef0123456789abcdef";
const PATH = "/openai/deployments/gpt-4o-mini";
const VERSION = "2023-07-01-preview";
const CHAT = { messages: [{ role: "user", content: "Grüße aus Zürich" }] };

const setting = useSetting();

/** Returns a client as an application makes it; `options` are axios's own. */
function client(origin, headers, options = {}) {
  const baseOptions = { headers: { "api-key": AZURE_KEY, ...headers }, params: { "api-version": VERSION }, ...options };
  return new OpenAIApi(new Configuration({ apiKey: AZURE_KEY, basePath: `${origin}${PATH}`, baseOptions }));
}

const direct = () => client(`https://${AZURE_HOST}`, {}, { httpsAgent: new LeadingAgent(setting.double) });
const gateway = (more) => client(setting.gatehouse.gateway, heliconeHeaders(AZURE_HOST, more));

/** Returns what an application sees of an error of axios. */
function describe({ isAxiosError, message, response }) {
  return isAxiosError && { message, status: response?.status, body: response?.data, retryAfter: response?.headers["retry-after"] };
}

/** Returns the events of a stream; this release leaves reading them to the application. */
async function stream(api) {
  const { data } = await api.createChatCompletion({ ...CHAT, stream: true }, { responseType: "stream" });
  const text = Buffer.concat(await collect(data)).toString();
  return text.split("\n\n").filter(Boolean).map((event) => event.replace("data: ", ""));
}

const failing = (status) => (api) => api.createChatCompletion(CHAT, { headers: { "x-double": `status=${status},retry-after=7` } });

const program = { name: "openai 3", setting, host: AZURE_HOST, credential: { "api-key": AZURE_KEY }, describe, direct, gateway };

compareCalls(program, {
  plain: [
    async (api) => {
      const { status, data, headers } = await api.createChatCompletion(CHAT);
      return { status, data, encoding: headers["content-encoding"] };
    },
    ({ status, data, encoding }) => {
      assert.equal(status, 200);
      assert.equal(data.choices[0].message.content, TEXT);
      assert.ok(data.usage.prompt_tokens > 0 && data.usage.completion_tokens > 0);
      assert.equal(encoding, undefined, "a client that offers no coding is sent none");
    },
  ],
  stream: [
    stream,
    (events) => {
      assert.equal(events.pop(), "[DONE]");
      // The first event of Azure tells about the filters alone.
      const deltas = events.map((event) => JSON.parse(event).choices[0]?.delta.content ?? "");
      assert.ok(deltas.length > 3);
      assert.equal(deltas.join(""), TEXT);
    },
  ],
  "status 429": [failing(429), ({ status, retryAfter }) => assert.deepEqual([status, retryAfter], [429, "7"])],
  "status 500": [failing(500), ({ status, body }) => assert.ok(status === 500 && body.error.message)],
});

test("openai 3: the query of every request arrives, and no coding is offered for the client", async () => {
  await setting.double.clear();
  await gateway().createChatCompletion(CHAT);
  const [request] = await setting.double.requests();
  assert.equal(request.target, `${PATH}/chat/completions?api-version=${VERSION}`);
  assert.deepEqual(header(request, "accept-encoding"), []);
  assert.deepEqual(header(request, "authorization"), [`Bearer ${AZURE_KEY}`]);
});

test("openai 3: the row names provider and user", async () => {
  const api = gateway({ "Helicone-User-Id": "user-of-azure" });
  const { headers } = await api.createChatCompletion(CHAT);
  const row = await logged(setting.gatehouse, headers["helicone-id"]);
  assert.deepEqual([row.provider, row.request_user_id, row.response_status], ["AZURE", "user-of-azure", 200]);
  assert.equal(row.target_url, `https://${AZURE_HOST}${PATH}/chat/completions?api-version=${VERSION}`);
});

refuseUnknownKey(
  "openai 3",
  setting,
  (key) => gateway(key).createChatCompletion(CHAT),
  ({ isAxiosError, response }) => {
    assert.ok(isAxiosError);
    assert.deepEqual([response.status, response.data.error.code], [401, "invalid_api_key"]);
  },
  ({ response }) => response.data.error.message,
);
