// LangChain: today's `@langchain/openai`, plain and Azure, and the old import with `azureOpenAIBasePath` of its own.

import { strict as assert } from "node:assert";
import { test } from "node:test";
import { AzureChatOpenAI, ChatOpenAI } from "@langchain/openai";
import { ChatOpenAI as OldChatOpenAI } from "langchain/chat_models/openai";
import { HumanMessage } from "langchain/schema";
import { collect, compareCalls, logged, refuseUnknownKey, TEXT, useSetting } from "./compare.js";
import { LeadingAgent } from "./lead.js";
import { AZURE_HOST, PROVIDER_HOST } from "./processes.js";
import { heliconeHeaders, PROVIDER_KEY } from "./routes.js";

const QUESTION = "Grüße aus Zürich";
const AZURE_KEY = "0123456789abcdef0123456789abcdef";
const VERSION = "2024-06-01";
const COMMON = { model: "gpt-4o-mini", maxRetries: 0 };

const setting = useSetting();

/** Returns what an application sees of an error of the SDK below. */
function describe({ status, code, message, error }) {
  return status && { status, code, message, body: error };
}

/** Returns what is the same for two calls: the ids of runs differ. */
const seen = ({ content, usage_metadata: usage, response_metadata: { finish_reason: finish } }) => ({ content, usage, finish });

const damaged = (directives) => ({ options: { headers: { "x-double": directives } } });
const invoke = async (model) => seen(await model.invoke(QUESTION));
const stream = async (model) => (await collect(await model.stream(QUESTION))).map(seen);

function checkAnswer({ content, usage, finish }) {
  assert.equal(content, TEXT);
  assert.equal(finish, "stop");
  assert.ok(usage.input_tokens > 0 && usage.output_tokens > 0);
}

function checkStream(chunks) {
  assert.ok(chunks.length > 3);
  assert.equal(chunks.map(({ content }) => content).join(""), TEXT);
  assert.ok(chunks.some(({ usage }) => usage?.total_tokens > 0));
}

const CALLS = {
  invoke: [invoke, checkAnswer],
  stream: [stream, checkStream],
  "status 500": [
    (model) => model.invoke(QUESTION, damaged("status=500")),
    ({ status, message }) => assert.ok(status === 500 && message),
  ],
};

const plain = (baseURL, defaultHeaders) =>
  new ChatOpenAI({ ...COMMON, apiKey: PROVIDER_KEY, configuration: { baseURL, defaultHeaders } });
const plainGateway = (more) => plain(`${setting.gatehouse.gateway}/v1`, heliconeHeaders(PROVIDER_HOST, more));

const azureOptions = (origin) => ({
  azureOpenAIApiKey: AZURE_KEY,
  azureOpenAIApiVersion: VERSION,
  azureOpenAIApiDeploymentName: "gpt-4o-mini",
  azureOpenAIBasePath: `${origin}/openai/deployments`,
});
const azure = (origin, defaultHeaders) =>
  new AzureChatOpenAI({ ...COMMON, ...azureOptions(origin), configuration: { defaultHeaders } });
const old = (origin, configuration) => new OldChatOpenAI({ maxRetries: 0, ...azureOptions(origin), configuration });
const oldGateway = (more) => old(setting.gatehouse.gateway, { defaultHeaders: heliconeHeaders(AZURE_HOST, more) });

const shared = { setting, describe };
const azureShared = { ...shared, host: AZURE_HOST, credential: { "api-key": AZURE_KEY } };

compareCalls(
  {
    ...shared,
    name: "LangChain",
    host: PROVIDER_HOST,
    credential: { authorization: `Bearer ${PROVIDER_KEY}` },
    direct: () => plain(`https://${PROVIDER_HOST}/v1`, {}),
    gateway: plainGateway,
  },
  CALLS,
);

compareCalls(
  {
    ...azureShared,
    name: "LangChain, Azure",
    direct: () => azure(`https://${AZURE_HOST}`, {}),
    gateway: () => azure(setting.gatehouse.gateway, heliconeHeaders(AZURE_HOST)),
  },
  CALLS,
);

const oldMessages = [new HumanMessage(QUESTION)];
compareCalls(
  {
    ...azureShared,
    name: "LangChain 0.0, Azure",
    direct: () => old(`https://${AZURE_HOST}`, { httpAgent: new LeadingAgent(setting.double) }),
    gateway: oldGateway,
  },
  {
    call: [
      async (model) => (await model.generate([oldMessages])).llmOutput.tokenUsage,
      ({ promptTokens, completionTokens }) => assert.ok(promptTokens > 0 && completionTokens > 0),
    ],
    invoke: [async (model) => (await model.invoke(oldMessages)).content, (content) => assert.equal(content, TEXT)],
    stream: [
      async (model) => (await collect(await model.stream(oldMessages))).map(({ content }) => content),
      (chunks) => {
        assert.ok(chunks.length > 3);
        assert.equal(chunks.join(""), TEXT);
      },
    ],
    "status 500": [
      (model) => model.invoke(oldMessages, damaged("status=500")),
      ({ status, message }) => assert.ok(status === 500 && message),
    ],
  },
);

test("LangChain: the version of Azure's API stays in the query", async () => {
  await setting.double.clear();
  await oldGateway().invoke(oldMessages);
  const [request] = await setting.double.requests();
  assert.equal(request.target, `/openai/deployments/gpt-4o-mini/chat/completions?api-version=${VERSION}`);
});

test("LangChain: the row has the session", async () => {
  const session = { "Helicone-Session-Id": "s-1", "Helicone-Session-Path": "/plan/step", "Helicone-Session-Name": "Reise" };
  const requestId = "0193a1d2-7c3e-4bbb-8000-1234567890ab";
  await plainGateway({ ...session, "Helicone-Request-Id": requestId }).invoke(QUESTION);
  const row = await logged(setting.gatehouse, requestId);
  assert.deepEqual(row.request_properties, session);
  assert.deepEqual([row.provider, row.response_status], ["OPENAI", 200]);
});

function checkRefusal(error) {
  assert.equal(error.constructor.name, "AuthenticationError");
  assert.deepEqual([error.status, error.code], [401, "invalid_api_key"]);
}
refuseUnknownKey("LangChain", setting, (key) => plainGateway(key).invoke(QUESTION), checkRefusal);
refuseUnknownKey("LangChain 0.0", setting, (key) => oldGateway(key).invoke(oldMessages), checkRefusal);
