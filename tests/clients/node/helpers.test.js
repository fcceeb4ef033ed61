// @helicone/helpers: an application logs what it did, whoever it did it with.

import { strict as assert } from "node:assert";
import { randomUUID } from "node:crypto";
import { mock, test } from "node:test";
import { HeliconeManualLogger } from "@helicone/helpers";
import OpenAI from "openai";
import { logged, TEXT, useSetting } from "./compare.js";
import { KEY, PROVIDER_HOST } from "./processes.js";

const CHAT = { model: "gpt-4o-mini", messages: [{ role: "user", content: "Grüße aus Zürich" }] };
const STREAM = { ...CHAT, stream: true, stream_options: { include_usage: true } };

const setting = useSetting();

const model = () => new OpenAI({ apiKey: "sk-provider-key-of-the-caller", baseURL: `https://${PROVIDER_HOST}/v1`, maxRetries: 0 });

/** Returns a logger as an application makes it. */
function makeLogger(endpoint = setting.gatehouse.gateway, apiKey = KEY) {
  return new HeliconeManualLogger({ apiKey, headers: { "Helicone-User-Id": "ann" }, loggingEndpoint: endpoint });
}

/** Runs `log` with the headers of a call of the application's own id, and returns the row. */
async function row(log) {
  const requestId = randomUUID();
  // What goes wrong, the package tells the console alone.
  const told = mock.method(console, "error", () => {});
  await log({ "Helicone-Request-Id": requestId, "Helicone-Property-City": "Zurich" });
  assert.deepEqual(told.mock.calls, []);
  told.mock.restore();
  return logged(setting.gatehouse, requestId);
}

test("helpers: a call is logged by either listener, at an origin or a whole path", async () => {
  const { gateway, api } = setting.gatehouse;
  for (const endpoint of [gateway, `${gateway}/`, `${gateway}/custom/v1/log`, api]) {
    for (const [provider, name] of [["openai", "OPENAI"], ["OPENAI", "OPENAI"], ["anthropic", "ANTHROPIC"], ["google", "GOOGLE"], [undefined, "CUSTOM"]]) {
      let answer;
      const found = await row(async (headers) => {
        const operation = async (recorder) => recorder.appendResults((answer = await model().chat.completions.create(CHAT)));
        await makeLogger(endpoint).logRequest(CHAT, operation, headers, provider);
      });
      assert.deepEqual([found.provider, found.source, found.request_user_id, found.response_status], [name, "manual", "ann", 200]);
      assert.deepEqual(found.request_body, CHAT);
      assert.deepEqual(found.request_properties, { city: "Zurich" });
      if (["OPENAI", "CUSTOM"].includes(name)) {
        assert.deepEqual([found.prompt_tokens, found.completion_tokens], [answer.usage.prompt_tokens, answer.usage.completion_tokens]);
        assert.equal(found.response_preview, TEXT);
      }
      if (name === "OPENAI") assert.equal(found.cost_status, "priced");
    }
  }
});

const streams = {
  "logBuilder, attachStream": async (logger, headers) => {
    const builder = logger.logBuilder(STREAM, headers);
    await builder.attachStream(await model().chat.completions.create(STREAM));
    await builder.sendLog();
  },
  "logBuilder, toReadableStream": async (logger, headers) => {
    const builder = logger.logBuilder(STREAM, headers);
    const reader = builder.toReadableStream(await model().chat.completions.create(STREAM)).getReader();
    while (!(await reader.read()).done);
    await builder.sendLog();
  },
  logStream: async (logger, headers) => {
    const operation = async (recorder) => {
      const [mine, theirs] = (await model().chat.completions.create(STREAM)).tee();
      recorder.attachStream(theirs.toReadableStream());
      for await (const _ of mine);
    };
    await logger.logStream(STREAM, operation, headers);
  },
  logSingleStream: async (logger, headers) => {
    const stream = await model().chat.completions.create(STREAM);
    await logger.logSingleStream(STREAM, stream.toReadableStream(), headers);
  },
  "logSingleRequest, events as text": async (logger, headers) => {
    const events = await (await model().chat.completions.create(STREAM).asResponse()).text();
    await logger.logSingleRequest(STREAM, events, { additionalHeaders: headers, latencyMs: 250 });
  },
};

for (const [name, log] of Object.entries(streams)) {
  test(`helpers: a stream is logged by ${name}`, async () => {
    const found = await row((headers) => log(makeLogger(), headers));
    assert.deepEqual([found.is_stream, found.response_preview], [true, TEXT]);
    assert.ok(found.prompt_tokens > 0 && found.completion_tokens > 0, JSON.stringify(found));
  });
}

test("helpers: events beside calls of models are logged", async () => {
  const events = [
    [{ _type: "tool", toolName: "weather", input: { city: "Zürich" } }, "tool:weather"],
    [{ _type: "vector_db", operation: "search", text: "rain", topK: 3 }, "vector_db"],
    [{ _type: "data", name: "sync", meta: { rows: 7 } }, "data:sync"],
  ];
  for (const [event, name] of events) {
    const operation = async (recorder) => recorder.appendResults({ output: "rain" });
    const found = await row((headers) => makeLogger().logRequest(event, operation, headers));
    assert.deepEqual([found.model, found.provider, found.cost], [name, "CUSTOM", null]);
    assert.deepEqual(found.request_body, event);
    assert.equal(found.response_body.output, "rain");
  }
});

test("helpers: an error is logged with its stack, a stream that was cancelled as such", async () => {
  const failed = await row(async (headers) => {
    const builder = makeLogger().logBuilder(CHAT, headers);
    builder.setError(new Error("no luck"));
    await builder.sendLog();
  });
  assert.equal(failed.response_status, 500);
  assert.match(failed.response_body, /^Error: no luck\n/);
  const cancelled = await row(async (headers) => {
    const builder = makeLogger().logBuilder(STREAM, headers);
    const reader = builder.toReadableStream(await model().chat.completions.create(STREAM)).getReader();
    await reader.read();
    await reader.cancel();
    await builder.sendLog();
  });
  assert.deepEqual([cancelled.response_status, cancelled.outcome], [-3, "client_gone"]);
});

test("helpers: an unknown key is told", async () => {
  const told = mock.method(console, "error", () => {});
  await makeLogger(setting.gatehouse.gateway, "sk-helicone-no").logSingleRequest(CHAT, "{}", {});
  assert.equal(told.mock.calls.length, 1);
  told.mock.restore();
});
