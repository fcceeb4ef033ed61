// @google-cloud/vertexai: `apiEndpoint` is a host that is always called by TLS, our headers are `customHeaders`.

import { strict as assert } from "node:assert";
import { test } from "node:test";
import { ClientError, GoogleGenerativeAIError, VertexAI } from "@google-cloud/vertexai";
import { OAuth2Client } from "google-auth-library";
import { collect, compareCalls, logged, refuseUnknownKey, TEXT, useSetting } from "./compare.js";
import { KEY } from "./processes.js";

const LOCATION = "us-central1";
const HOST = `${LOCATION}-aiplatform.googleapis.com`;
const TOKEN = "ya29.token-of-the-caller";
const MODEL = "gemini-2.0-flash";
const PATH = `/v1/projects/acme/locations/${LOCATION}/publishers/google/models/${MODEL}`;
// One transparent pixel.
const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const WORDS = { contents: [{ role: "user", parts: [{ text: "Grüße aus Zürich" }] }] };
const IMAGE = {
  contents: [{ role: "user", parts: [{ text: "What is this?" }, { inlineData: { mimeType: "image/png", data: PIXEL } }] }],
};

// Every client warns that the library is deprecated.
console.warn = () => {};
const setting = useSetting({ tls: true });

/** Returns a model with the caller's token, which needs no account and no network. */
function model(apiEndpoint, headers = {}) {
  const authClient = new OAuth2Client();
  authClient.setCredentials({ access_token: TOKEN });
  const vertex = new VertexAI({ project: "acme", location: LOCATION, apiEndpoint, googleAuthOptions: { authClient } });
  return vertex.getGenerativeModel({ model: MODEL }, { customHeaders: new Headers(headers) });
}

const gateway = (more) =>
  model(`localhost:${setting.gatehouse.port}`, {
    "Helicone-Auth": `Bearer ${KEY}`,
    "Helicone-Target-URL": `https://${HOST}`,
    ...more,
  });

/** Returns what an application sees of an error of the SDK. */
function describe(error) {
  if (!(error instanceof ClientError || error instanceof GoogleGenerativeAIError)) return null;
  return { class: error.constructor.name, message: error.message, cause: error.cause?.message };
}

async function stream(gemini, request) {
  const { stream: source, response } = await gemini.generateContentStream(request);
  return { chunks: await collect(source), response: await response };
}

const textOf = ({ candidates }) => (candidates?.[0].content.parts ?? []).map(({ text }) => text).join("");

function checkAnswer({ response }) {
  assert.equal(textOf(response), TEXT);
  assert.ok(response.usageMetadata.promptTokenCount > 0 && response.usageMetadata.candidatesTokenCount > 0);
}

function checkStream({ chunks, response }) {
  assert.ok(chunks.length > 3);
  assert.equal(chunks.map(textOf).join(""), TEXT);
  checkAnswer({ response });
}

const program = {
  name: "Vertex AI",
  setting,
  host: HOST,
  credential: { authorization: `Bearer ${TOKEN}` },
  describe,
  direct: () => model(undefined),
  gateway,
};

compareCalls(program, {
  text: [(gemini) => gemini.generateContent(WORDS), checkAnswer],
  "text, streamed": [(gemini) => stream(gemini, WORDS), checkStream],
  image: [(gemini) => gemini.generateContent(IMAGE), checkAnswer],
  "image, streamed": [(gemini) => stream(gemini, IMAGE), checkStream],
});

for (const [status, expected] of [
  [429, "ClientError"],
  [500, "GoogleGenerativeAIError"],
]) {
  const damaged = { "x-double": `status=${status}` };
  compareCalls(
    { ...program, direct: () => model(undefined, damaged), gateway: () => gateway(damaged) },
    { [`status ${status}`]: [(gemini) => gemini.generateContent(WORDS), (error) => assert.equal(error.class, expected)] },
  );
}

test("Vertex AI: path, query and image arrive as they are, and the row names the provider", async () => {
  await setting.double.clear();
  const requestId = "0193a1d2-7c3e-4bbb-8000-00000000ae27";
  await stream(gateway({ "Helicone-Request-Id": requestId }), IMAGE);
  const [request] = await setting.double.requests();
  assert.equal(request.target, `${PATH}:streamGenerateContent?alt=sse`);
  assert.deepEqual(JSON.parse(request.body).contents, IMAGE.contents);
  const row = await logged(setting.gatehouse, requestId);
  assert.deepEqual([row.provider, row.response_status, row.is_stream], ["GOOGLE", 200, true]);
  assert.equal(row.target_url, `https://${HOST}${PATH}:streamGenerateContent?alt=sse`);
});

refuseUnknownKey(
  "Vertex AI",
  setting,
  (key) => gateway(key).generateContent(WORDS),
  (error) => {
    assert.ok(error instanceof ClientError);
    assert.match(error.message, /got status: 401 Unauthorized.*"reason":"invalid_api_key"/);
    assert.deepEqual([error.cause.code, error.cause.status], [401, "UNAUTHENTICATED"]);
  },
);
