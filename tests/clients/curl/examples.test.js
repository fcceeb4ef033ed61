// The integration page's curl examples with the real curl: Cloudflare, Together, Gemini Pro and Vision on Vertex AI.

import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { asSent, checkRequest, header, logged, TEXT, useSetting } from "../node/compare.js";
import { KEY } from "../node/processes.js";

const PROVIDER_KEY = "key-of-the-caller";
const UNKNOWN_HOST = "llm.unknown.example";
const VERTEX = "us-central1-aiplatform.googleapis.com";
const MODELS = "/v1/projects/acme/locations/us-central1/publishers/google/models";
const SECONDS = "20";

const setting = useSetting();

/** Runs curl and returns status, header lines (lower-case names) and body of the answer. */
async function curl(options) {
  const common = ["--silent", "--show-error", "--no-buffer", "--include", "--http1.1", "--max-time", SECONDS, "--noproxy", "*"];
  const { stdout } = await promisify(execFile)("curl", [...common, ...options], { encoding: "buffer" });
  const end = stdout.indexOf("\r\n\r\n");
  const [status, ...lines] = stdout.subarray(0, end).toString("latin1").split("\r\n");
  const headers = lines.map((line) => line.replace(/^[^:]+/, (name) => name.toLowerCase()));
  return { status: Number(status.split(" ")[1]), headers, body: stdout.subarray(end + 4).toString() };
}

/** Returns the options of an example; the page's `--data` keeps a body's line ends and commas. */
function request({ path, body, more = {} }, origin) {
  const headers = { Authorization: `Bearer ${PROVIDER_KEY}`, "Content-Type": "application/json", ...more };
  const lines = Object.entries(headers).flatMap(([name, value]) => ["--header", `${name}: ${value}`]);
  return ["--request", "POST", "--url", `${origin}${path}`, ...lines, "--data", body];
}

const direct = (example) => {
  const { ca, port } = setting.double;
  return curl([...request(example, `https://${example.host}`), "--cacert", ca, "--connect-to", `::127.0.0.1:${port}`]);
};
const gateway = (example, more = {}) => {
  const ours = { "Helicone-Auth": `Bearer ${KEY}`, "Helicone-Target-URL": `https://${example.host}`, ...more };
  return curl(request({ ...example, more: { ...example.more, ...ours } }, `http://gateway.localhost:${setting.gatehouse.port}`));
};

/** Returns an answer without what differs between two calls or two connections, and without what is ours. */
function asAnswered({ status, headers, body }) {
  const differs = /^(date|x-request-id|request-id|cf-ray|server-timing|connection|keep-alive|helicone-[^:]*):/;
  return { status, headers: headers.filter((line) => !differs.test(line)).sort(), body };
}

const chat = (model, more = {}) => JSON.stringify({ model, messages: [{ role: "user", content: "Grüße aus Zürich" }], ...more });
const textOf = ({ candidates }) => candidates?.[0].content.parts[0].text ?? "";

/** A body as the page has it: laid out by hand, with a comma too many. */
const WITH_COMMA = `{
  "contents": {
    "role": "user",
    "parts": { "text": "Why is the sky blue?" },
  },
}`;
const VISION = JSON.stringify({
  contents: [
    {
      role: "user",
      parts: [{ text: "What is this?" }, { inlineData: { mimeType: "image/png", data: "iVBORw0KGgo=" } }],
    },
  ],
  generation_config: { temperature: 0.4, topP: 1.0, topK: 32, maxOutputTokens: 2048 },
});
const WORDS = JSON.stringify({ contents: { role: "user", parts: { text: "Why is the sky blue?" } } });

function checkChat({ status, body }) {
  assert.equal(status, 200);
  const { choices, usage } = JSON.parse(body);
  assert.equal(choices[0].message.content, TEXT);
  assert.ok(usage.prompt_tokens > 0 && usage.completion_tokens > 0);
}

/** Looks at a stream that is one JSON array. */
function checkArray({ status, body }) {
  assert.equal(status, 200);
  const chunks = JSON.parse(body);
  assert.ok(chunks.length > 3);
  assert.equal(chunks.map(textOf).join(""), TEXT);
  assert.ok(chunks.at(-1).usageMetadata.totalTokenCount > 0);
}

/** Looks at a stream of events. */
function checkEvents({ status, body }) {
  assert.equal(status, 200);
  const events = body.split(/\r?\n\r?\n/).filter(Boolean).map((event) => JSON.parse(event.replace("data: ", "")));
  assert.ok(events.length > 3);
  assert.equal(events.map(textOf).join(""), TEXT);
}

const EXAMPLES = {
  "Cloudflare AI gateway": {
    host: "gateway.ai.cloudflare.com",
    path: "/v1/0123456789abcdef/my-gateway/openai/chat/completions",
    body: chat("gpt-4o-mini"),
    provider: "CLOUDFLARE",
    check: checkChat,
  },
  "Together AI": {
    host: "api.together.xyz",
    path: "/v1/chat/completions",
    body: chat("meta-llama/Llama-3.3-70B-Instruct-Turbo"),
    provider: "TOGETHER",
    check: checkChat,
  },
  "Together AI, misspelt path": {
    host: "api.together.xyz",
    path: "/v1/chat/completetions",
    body: chat("meta-llama/Llama-3.3-70B-Instruct-Turbo"),
    provider: "TOGETHER",
    check: ({ status, body }) => assert.ok(status === 404 && JSON.parse(body).error),
  },
  "Gemini Pro on Vertex AI": {
    host: VERTEX,
    path: `${MODELS}/gemini-pro:generateContent`,
    body: WORDS,
    provider: "GOOGLE",
    check: ({ status, body }) => assert.deepEqual([status, textOf(JSON.parse(body))], [200, TEXT]),
  },
  "Gemini Pro on Vertex AI, streamed as an array": {
    host: VERTEX,
    path: `${MODELS}/gemini-pro:streamGenerateContent`,
    body: WORDS,
    provider: "GOOGLE",
    check: checkArray,
  },
  "Gemini Pro on Vertex AI, streamed as events": {
    host: VERTEX,
    path: `${MODELS}/gemini-pro:streamGenerateContent?alt=sse&%24prettyPrint=false`,
    body: WORDS,
    provider: "GOOGLE",
    check: checkEvents,
  },
  "Gemini Pro on Vertex AI, a comma too many": {
    host: VERTEX,
    path: `${MODELS}/gemini-pro:streamGenerateContent`,
    body: WITH_COMMA,
    provider: "GOOGLE",
    check: ({ status, body }) => assert.ok(status === 400 && body.includes("INVALID_ARGUMENT")),
  },
  "Gemini Pro Vision on Vertex AI": {
    host: VERTEX,
    path: `${MODELS}/gemini-pro-vision:streamGenerateContent`,
    body: VISION,
    provider: "GOOGLE",
    check: checkArray,
  },
};

for (const [name, example] of Object.entries(EXAMPLES)) {
  test(`curl: ${name}`, async () => {
    const { double, gatehouse } = setting;
    await double.clear();
    const straight = await direct(example);
    const [wanted] = await double.requests();
    await double.clear();
    const through = await gateway(example);
    const [received] = await double.requests();
    assert.deepEqual(asAnswered(through), asAnswered(straight));
    assert.deepEqual(asSent(received), asSent(wanted));
    checkRequest(received, example.host, { authorization: `Bearer ${PROVIDER_KEY}` });
    assert.deepEqual([received.target, received.body.toString()], [example.path, example.body]);
    example.check(through);
    const id = through.headers.find((line) => line.startsWith("helicone-id: ")).slice("helicone-id: ".length);
    const row = await logged(gatehouse, id);
    assert.deepEqual([row.provider, row.response_status], [example.provider, through.status]);
  });
}

test("curl: a label names the provider at a host that nobody knows", async () => {
  await setting.double.clear();
  const requestId = "0193a1d2-7c3e-4bbb-8000-000000000c01";
  const example = { host: UNKNOWN_HOST, path: "/v1/chat/completions", body: chat("my-model") };
  checkChat(await gateway(example, { "Helicone-Target-Provider": "my-llm", "Helicone-Request-Id": requestId }));
  const [received] = await setting.double.requests();
  assert.deepEqual(header(received, "host"), [UNKNOWN_HOST]);
  const row = await logged(setting.gatehouse, requestId);
  assert.equal(row.provider, "my-llm");
});

test("curl: an unknown Helicone key is refused in the shape of the API that is called", async () => {
  await setting.double.clear();
  const unknown = { "Helicone-Auth": `Bearer ${KEY.replace("ddddddd", "0000000")}` };
  const google = await gateway(EXAMPLES["Gemini Pro on Vertex AI"], unknown);
  const together = await gateway(EXAMPLES["Together AI"], unknown);
  assert.deepEqual([google.status, together.status], [401, 401]);
  assert.equal(JSON.parse(google.body).error.details[0].reason, "invalid_api_key");
  assert.equal(JSON.parse(together.body).error.code, "invalid_api_key");
  assert.deepEqual(await setting.double.requests(), []);
});
