// The AI SDK with its providers for OpenAI and Anthropic: `baseURL` and `headers`.

import { strict as assert } from "node:assert";
import { test } from "node:test";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { APICallError, generateText, streamText } from "ai";
import { collect, compareCalls, logged, refuseUnknownKey, TEXT, useSetting } from "./compare.js";
import { PROVIDER_HOST } from "./processes.js";
import { heliconeHeaders, PROVIDER_KEY } from "./routes.js";

const ANTHROPIC_HOST = "api.anthropic.com";
const CALL = { prompt: "Grüße aus Zürich", maxRetries: 0 };

const setting = useSetting();

/** Returns what an application sees of an error of the SDK. */
function describe(error) {
  if (!APICallError.isInstance(error)) return null;
  const { name, message, statusCode, responseBody, isRetryable } = error;
  return { name, message, statusCode, responseBody, isRetryable };
}

const seen = ({ text, finishReason, usage }) => ({ text, finishReason, usage });

async function stream(model) {
  const errors = [];
  const result = streamText({ model, ...CALL, onError: ({ error }) => errors.push(error) });
  const pieces = await collect(result.textStream);
  if (errors.length > 0) throw errors[0];
  return { pieces, usage: await result.usage, finishReason: await result.finishReason };
}

const CALLS = {
  generate: [
    async (model) => seen(await generateText({ model, ...CALL })),
    ({ text, finishReason, usage }) => {
      assert.deepEqual([text, finishReason], [TEXT, "stop"]);
      assert.ok(usage.inputTokens > 0 && usage.outputTokens > 0);
    },
  ],
  stream: [
    stream,
    ({ pieces, finishReason, usage }) => {
      assert.ok(pieces.length > 3);
      assert.deepEqual([pieces.join(""), finishReason], [TEXT, "stop"]);
      assert.ok(usage.inputTokens > 0 && usage.outputTokens > 0);
    },
  ],
  "status 429": [
    (model) => generateText({ model, ...CALL, headers: { "x-double": "status=429" } }),
    ({ name, statusCode, isRetryable }) => assert.deepEqual([name, statusCode, isRetryable], ["AI_APICallError", 429, true]),
  ],
};

const openai = (origin, headers) => createOpenAI({ apiKey: PROVIDER_KEY, baseURL: `${origin}/v1`, headers });
const chat = (origin, headers) => openai(origin, headers).chat("gpt-4o-mini");
const responses = (origin, headers) => openai(origin, headers)("gpt-4o-mini");
const anthropic = (origin, headers) =>
  createAnthropic({ apiKey: PROVIDER_KEY, baseURL: `${origin}/v1`, headers })("claude-sonnet-4-5");

const PROVIDERS = [
  ["OpenAI", chat, PROVIDER_HOST, { authorization: `Bearer ${PROVIDER_KEY}` }],
  ["OpenAI's responses", responses, PROVIDER_HOST, { authorization: `Bearer ${PROVIDER_KEY}` }],
  ["Anthropic", anthropic, ANTHROPIC_HOST, { "x-api-key": PROVIDER_KEY }],
];
for (const [provider, model, host, credential] of PROVIDERS) {
  const name = `AI SDK, ${provider}`;
  const direct = () => model(`https://${host}`, {});
  const gateway = (more) => model(setting.gatehouse.gateway, heliconeHeaders(host, more));
  compareCalls({ name, setting, host, credential, describe, direct, gateway }, CALLS);

  test(`${name}: a model of the caller's choice prices the row and goes no further`, async () => {
    await setting.double.clear();
    const { response } = await generateText({ model: gateway({ "Helicone-Model-Override": "gpt-4o" }), ...CALL });
    const row = await logged(setting.gatehouse, response.headers["helicone-id"]);
    assert.deepEqual([row.model_override, row.model], ["gpt-4o", "gpt-4o"]);
    const [{ body }] = await setting.double.requests();
    assert.notEqual(JSON.parse(body).model, "gpt-4o");
  });

  refuseUnknownKey(
    name,
    setting,
    (key) => generateText({ model: gateway(key), ...CALL }),
    (error) => {
      assert.ok(APICallError.isInstance(error));
      assert.deepEqual([error.statusCode, error.isRetryable], [401, false]);
      assert.equal(JSON.parse(error.responseBody).error.code, "invalid_api_key");
    },
  );
}
