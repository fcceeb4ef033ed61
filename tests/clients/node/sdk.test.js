// The same call straight to the provider and through the gateway: same objects here, same request there.

import { strict as assert } from "node:assert";
import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import OpenAI, { toFile } from "openai";
import { asSent, collect, header, logged, run as runOn } from "./compare.js";
import { KEY, PROVIDER_HOST, start, until } from "./processes.js";
import { directClient, gatewayClient, PROVIDER_KEY } from "./routes.js";

const CHAT = { model: "gpt-4o-mini", messages: [{ role: "user", content: "Grüße aus Zürich — 你好" }] };
const TOOLS = [
  {
    type: "function",
    function: { name: "get_weather", parameters: { type: "object", properties: { city: { type: "string" } } } },
  },
];

let setting;
before(async () => (setting = await start()));
after(() => setting?.stop());

const damaged = (directives) => ({ headers: { "x-double": directives } });
const plain = (client, options) => client.chat.completions.create(CHAT, options);
const stream = async (client, options, more = {}) =>
  collect(await client.chat.completions.create({ ...CHAT, ...more, stream: true }, options));

async function toolCall(client) {
  const first = await client.chat.completions.create({ ...CHAT, tools: TOOLS });
  const [call] = first.choices[0].message.tool_calls;
  const result = { role: "tool", tool_call_id: call.id, content: '{"celsius": 21}' };
  const messages = [...CHAT.messages, first.choices[0].message, result];
  return [first, await client.chat.completions.create({ ...CHAT, messages, tools: TOOLS })];
}

/** Returns the chunks that came, and the class of the error that ended the stream. */
async function brokenStream(client, directives) {
  const chunks = [];
  try {
    const source = await client.chat.completions.create({ ...CHAT, stream: true }, damaged(directives));
    for await (const chunk of source) chunks.push(chunk);
  } catch (error) {
    return { chunks, error: error.constructor.name };
  }
  return { chunks, error: null };
}

const CASES = {
  plain: (client) => plain(client),
  "plain, compressed": (client) => plain(client, damaged("gzip")),
  stream: (client) => stream(client),
  "stream with usage": (client) => stream(client, {}, { stream_options: { include_usage: true } }),
  "stream, compressed": (client) => stream(client, damaged("gzip")),
  "stream helper": (client) => client.chat.completions.stream(CHAT).finalChatCompletion(),
  "tool call": toolCall,
  "tool call, streamed": (client) => stream(client, {}, { tools: TOOLS }),
  embeddings: (client) => client.embeddings.create({ model: "text-embedding-3-small", input: ["one", "two"] }),
  models: async (client) => collect(await client.models.list()),
  "wrong path": (client) => client.post("/chat/nowhere?x=%2F&y=a+b", { body: { a: 1 } }),
  "status 401": (client) => plain(client, damaged("status=401")),
  "status 429": (client) => plain(client, damaged("status=429,retry-after=7")),
  "status 500": (client) => stream(client, damaged("status=500")),
  "stream, error event": (client) => brokenStream(client, "error-after=3"),
  "stream, cut": (client) => brokenStream(client, "cut-after=3"),
  "stream, reset": (client) => brokenStream(client, "reset-after=3"),
};
const ERRORS = {
  "wrong path": OpenAI.NotFoundError,
  "status 401": OpenAI.AuthenticationError,
  "status 429": OpenAI.RateLimitError,
  "status 500": OpenAI.InternalServerError,
};

/** Returns all that an application can see of an error. */
function plainError(error) {
  const { status, message, code, param, type, headers } = error;
  const seen = { class: error.constructor, status, message, code, param, type, body: error.error };
  return { ...seen, retryAfter: headers?.get("retry-after") };
}

/** Makes a call and returns its value or error, and the requests that reached the provider. */
const run = (call, client) =>
  runOn(setting.double, () => call(client), (error) => (error instanceof OpenAI.OpenAIError ? plainError(error) : null));

/** Asserts that the provider saw the same on both routes, and nothing of ours. */
function checkRequests(straight, through, simplify = asSent) {
  assert.deepEqual(through.requests.map(simplify), straight.requests.map(simplify));
  assert.ok(through.requests.length > 0);
  for (const request of through.requests) {
    assert.deepEqual(request.headers.filter(([name]) => name.toLowerCase().startsWith("helicone")), []);
    assert.deepEqual(header(request, "host"), [PROVIDER_HOST]);
    assert.deepEqual(header(request, "authorization"), [`Bearer ${PROVIDER_KEY}`]);
  }
}

for (const [name, call] of Object.entries(CASES)) {
  test(`same outcome and same request: ${name}`, async () => {
    const straight = await run(call, directClient(setting.double));
    const through = await run(call, gatewayClient(setting.gatehouse));
    assert.deepEqual(through.outcome, straight.outcome);
    checkRequests(straight, through);
    if (ERRORS[name]) assert.equal(through.outcome.class, ERRORS[name]);
    if (name.startsWith("stream, ") && name !== "stream, compressed") assert.notEqual(through.outcome.error, null);
  });
}

test("same retries", async () => {
  const call = (client) => plain(client, damaged("status=429,retry-after=0.01"));
  const straight = await run(call, directClient(setting.double, { maxRetries: 2 }));
  const through = await run(call, gatewayClient(setting.gatehouse, { maxRetries: 2 }));
  assert.deepEqual(through.outcome, straight.outcome);
  checkRequests(straight, through);
  assert.deepEqual(through.requests.flatMap((request) => header(request, "x-stainless-retry-count")), ["0", "1", "2"]);
});

/** Ways to hand a file to the SDK, with the headers by which each tells the length of the body, or does not. */
const UPLOADS = {
  "from memory": [(path) => toFile(readFile(path), "Übersicht.bin"), ["content-length"]],
  "from a stream": [(path) => createReadStream(path), ["transfer-encoding"]],
};

for (const [name, [open, framing]] of Object.entries(UPLOADS)) {
  test(`uploads arrive byte for byte: ${name}`, async () => {
    const content = Buffer.alloc(300_000, "0123456789abcde\r\n");
    const path = join(setting.directory, "upload.bin");
    await writeFile(path, content);
    const call = async (client) => client.files.create({ file: await open(path), purpose: "user_data" });
    const straight = await run(call, directClient(setting.double));
    const through = await run(call, gatewayClient(setting.gatehouse));
    // The SDK makes up a boundary for each upload.
    const withoutBoundary = (request) => {
      const boundary = header(request, "content-type")[0].split("boundary=")[1];
      const { body, headers, ...rest } = asSent(request);
      const replaced = [body, ...headers].map((text) => text.replaceAll(boundary, "BOUNDARY"));
      return { ...rest, replaced };
    };
    checkRequests(straight, through, withoutBoundary);
    const [request] = through.requests;
    assert.ok(request.body.includes(content));
    assert.deepEqual(["content-length", "transfer-encoding"].filter((name) => header(request, name).length > 0), framing);
    assert.equal(through.outcome.bytes, request.body.length);
    assert.equal(through.outcome.sha256, request.body_sha256);
  });
}

test("breaking off a stream ends it at the provider and is logged as such", async () => {
  await setting.double.clear();
  const client = gatewayClient(setting.gatehouse);
  const requestId = randomUUID();
  const headers = { "x-double": "hold", "Helicone-Request-Id": requestId };
  const source = await client.chat.completions.create({ ...CHAT, stream: true }, { headers });
  for await (const chunk of source) {
    assert.equal(chunk.object, "chat.completion.chunk");
    source.controller.abort();
  }
  const row = await logged(setting.gatehouse, requestId);
  assert.deepEqual([row.response_status, row.outcome], [-3, "client_gone"]);
  await until(async () => (await setting.double.requests())[0].aborted, 5000, "the provider sees the client go");
});

// proves: Helicone-User-Id, Helicone-Property-<Name>, Helicone-Session-Id, Helicone-Id
test("a stream is logged with everything within a second of its end", async () => {
  const client = gatewayClient(setting.gatehouse);
  const headers = {
    "x-double": "prompt-tokens=1000,completion-tokens=500",
    "Helicone-User-Id": "zoë",
    "Helicone-Property-City": "Zürich",
    "Helicone-Session-Id": "session-1",
  };
  const request = client.chat.completions.create({ ...CHAT, stream: true, stream_options: { include_usage: true } }, { headers });
  const { data, response } = await request.withResponse();
  const chunks = await collect(data);
  const requestId = response.headers.get("helicone-id");
  const row = await logged(setting.gatehouse, requestId);
  assert.deepEqual([row.response_status, row.outcome, row.is_stream], [200, "complete", true]);
  assert.equal(row.model, "gpt-4o-mini-2024-07-18");
  assert.deepEqual([row.prompt_tokens, row.completion_tokens, row.total_tokens], [1000, 500, 1500]);
  // 0.15 and 0.60 dollars a million.
  assert.equal(row.cost_nano_usd, 1000 * 150 + 500 * 600);
  assert.ok(row.ttfb_ms > 0 && row.ttfb_ms <= row.time_to_first_token && row.time_to_first_token <= row.delay_ms);
  // Node sends these header values as Latin-1.
  assert.equal(row.request_user_id, "zoë");
  assert.deepEqual(row.request_properties, { city: "Zürich", "Helicone-Session-Id": "session-1" });
  assert.deepEqual(row.request_body.messages, CHAT.messages);
  const events = row.response_body.split("\n\n").filter(Boolean).map((event) => event.replace("data: ", ""));
  assert.equal(events.pop(), "[DONE]");
  assert.deepEqual(events.map((event) => JSON.parse(event)), JSON.parse(JSON.stringify(chunks)));
});

test("a wrong Helicone key is an authentication error that says why", async () => {
  const client = gatewayClient(setting.gatehouse);
  const headers = { "Helicone-Auth": `${KEY}x` };
  await assert.rejects(plain(client, { headers }), (error) => {
    assert.ok(error instanceof OpenAI.AuthenticationError);
    assert.ok(error.error.message);
    return true;
  });
});
