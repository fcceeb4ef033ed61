// @anthropic-ai/sdk: `baseURL` is an origin, the key is a bearer token.

import { strict as assert } from "node:assert";
import { test } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import { collect, compareCalls, header, logged, refuseUnknownKey, TEXT, useSetting } from "./compare.js";
import { heliconeHeaders } from "./routes.js";

const HOST = "api.anthropic.com";
const ANTHROPIC_KEY = "sk-ant-key-of-the-caller";
const MESSAGE = { model: "claude-sonnet-4-5", max_tokens: 64, messages: [{ role: "user", content: "Grüße aus Zürich" }] };

const setting = useSetting();

const client = (baseURL, defaultHeaders) => new Anthropic({ apiKey: ANTHROPIC_KEY, maxRetries: 0, baseURL, defaultHeaders });
const gateway = (more) => client(setting.gatehouse.gateway, heliconeHeaders(HOST, more));

/** Returns what an application sees of an error of the SDK. */
function describe(error) {
  if (!(error instanceof Anthropic.AnthropicError)) return null;
  return { class: error.constructor.name, status: error.status, message: error.message, body: error.error };
}

const damaged = (directives) => ({ headers: { "x-double": directives } });

const program = {
  name: "Anthropic",
  setting,
  host: HOST,
  credential: { authorization: `Bearer ${ANTHROPIC_KEY}` },
  describe,
  direct: () => client(`https://${HOST}`, {}),
  gateway,
};

compareCalls(program, {
  plain: [
    (anthropic) => anthropic.messages.create(MESSAGE),
    ({ content, usage }) => {
      assert.equal(content[0].text, TEXT);
      assert.ok(usage.input_tokens > 0 && usage.output_tokens > 0);
    },
  ],
  stream: [
    async (anthropic) => collect(await anthropic.messages.create({ ...MESSAGE, stream: true })),
    (events) => {
      const deltas = events.filter(({ type }) => type === "content_block_delta").map(({ delta }) => delta.text);
      assert.ok(deltas.length > 3);
      assert.equal(deltas.join(""), TEXT);
      assert.ok(events.find(({ type }) => type === "message_delta").usage.output_tokens > 0);
      assert.equal(events.at(-1).type, "message_stop");
    },
  ],
  "stream helper": [
    (anthropic) => anthropic.messages.stream(MESSAGE).finalMessage(),
    ({ content }) => assert.equal(content[0].text, TEXT),
  ],
  "stream, error event": [
    async (anthropic) => collect(await anthropic.messages.create({ ...MESSAGE, stream: true }, damaged("error-after=3"))),
    ({ body }) => assert.equal(body.error.type, "overloaded_error"),
  ],
  "status 429": [
    (anthropic) => anthropic.messages.create(MESSAGE, damaged("status=429")),
    (error) => assert.deepEqual([error.class, error.body.error.type], ["RateLimitError", "rate_limit_error"]),
  ],
});

test("Anthropic: omitted bodies are in neither the row nor the provider's way", async () => {
  for (const [name, [request, response]] of Object.entries({
    "Helicone-Omit-Request": [null, "kept"],
    "Helicone-Omit-Response": ["kept", null],
  })) {
    await setting.double.clear();
    const { response: head } = await gateway({ [name]: "true" }).messages.create(MESSAGE).withResponse();
    const row = await logged(setting.gatehouse, head.headers.get("helicone-id"));
    assert.deepEqual([row.request_body && "kept", row.response_body && "kept"], [request, response], name);
    assert.deepEqual([row.provider, row.model], ["ANTHROPIC", MESSAGE.model], name);
    const [received] = await setting.double.requests();
    assert.deepEqual(JSON.parse(received.body), MESSAGE);
    assert.deepEqual(header(received, "anthropic-version").length, 1);
  }
});

refuseUnknownKey(
  "Anthropic",
  setting,
  (key) => gateway(key).messages.create(MESSAGE),
  (error) => {
    assert.ok(error instanceof Anthropic.AuthenticationError);
    assert.deepEqual([error.error.type, error.error.error.code], ["error", "invalid_api_key"]);
  },
);
