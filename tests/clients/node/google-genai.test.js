// @google/genai against the Gemini API: `httpOptions.baseUrl` and `httpOptions.headers`.

import { strict as assert } from "node:assert";
import { test } from "node:test";
import { ApiError, GoogleGenAI } from "@google/genai";
import { collect, compareCalls, logged, refuseUnknownKey, TEXT, useSetting } from "./compare.js";
import { heliconeHeaders } from "./routes.js";

const HOST = "generativelanguage.googleapis.com";
const GEMINI_KEY = "AIza-key-of-the-caller";
const CALL = { model: "gemini-2.0-flash", contents: "Grüße aus Zürich" };

const setting = useSetting();

const client = (baseUrl, headers) => new GoogleGenAI({ apiKey: GEMINI_KEY, httpOptions: { baseUrl, headers } });
const gateway = (more) => client(setting.gatehouse.gateway, heliconeHeaders(HOST, more));

/** Returns what an application sees of an error of the SDK. */
const describe = (error) => error instanceof ApiError && { status: error.status, message: error.message };

const seen = ({ text, usageMetadata, candidates }) => ({ text, usageMetadata, candidates });

const program = {
  name: "Google Gen AI",
  setting,
  host: HOST,
  credential: { "x-goog-api-key": GEMINI_KEY },
  describe,
  direct: () => client(undefined, {}),
  gateway,
};

compareCalls(program, {
  plain: [
    async ({ models }) => seen(await models.generateContent(CALL)),
    ({ text, usageMetadata }) => {
      assert.equal(text, TEXT);
      assert.ok(usageMetadata.promptTokenCount > 0 && usageMetadata.candidatesTokenCount > 0);
    },
  ],
  stream: [
    async ({ models }) => (await collect(await models.generateContentStream(CALL))).map(seen),
    (chunks) => {
      assert.ok(chunks.length > 3);
      assert.equal(chunks.map(({ text }) => text ?? "").join(""), TEXT);
      assert.ok(chunks.at(-1).usageMetadata.totalTokenCount > 0);
    },
  ],
  "status 429": [
    ({ models }) => models.generateContent({ ...CALL, config: { httpOptions: { headers: { "x-double": "status=429" } } } }),
    ({ status, message }) => {
      assert.equal(status, 429);
      assert.equal(JSON.parse(message).error.status, "RESOURCE_EXHAUSTED");
    },
  ],
});

test("Google Gen AI: the row names provider and model", async () => {
  const response = await gateway().models.generateContent(CALL);
  const row = await logged(setting.gatehouse, response.sdkHttpResponse.headers["helicone-id"]);
  assert.deepEqual([row.provider, row.response_status], ["GOOGLE", 200]);
  assert.equal(row.request_path, `/v1beta/models/${CALL.model}:generateContent`);
});

refuseUnknownKey(
  "Google Gen AI",
  setting,
  (key) => gateway(key).models.generateContent(CALL),
  (error) => {
    assert.ok(error instanceof ApiError);
    const { status, details } = JSON.parse(error.message).error;
    assert.deepEqual([error.status, status, details[0].reason], [401, "UNAUTHENTICATED", "invalid_api_key"]);
  },
);
