// `gatehouse mcp`, with the official client of the Model Context Protocol.

import { strict as assert } from "node:assert";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { test } from "node:test";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { useSetting } from "./compare.js";
import { KEY, until } from "./processes.js";

const BIN_DIR = process.env.GATEHOUSE_BIN_DIR ?? join(import.meta.dirname, "../../../target/debug");
const SEEN_MS = 30_000;
const setting = useSetting();

/** Does `work` with a client of a server of its own. */
async function withClient(key, work) {
  const { PATH, LD_LIBRARY_PATH } = process.env;
  const env = { PATH, HELICONE_API_KEY: key, ...(LD_LIBRARY_PATH && { LD_LIBRARY_PATH }) };
  const transport = new StdioClientTransport({ command: join(BIN_DIR, "gatehouse"), args: ["mcp", "--url", setting.gatehouse.api], env });
  const client = new Client({ name: "test", version: "1.0.0" });
  await client.connect(transport);
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

/** Calls a tool and returns what it says. */
async function call(client, name, args) {
  const { content, isError } = await client.callTool({ name, arguments: args });
  assert.equal(content.length, 1);
  return isError ? { error: content[0].text } : JSON.parse(content[0].text);
}

async function logCall(session) {
  const id = randomUUID();
  const meta = { "Helicone-Request-Id": id, "Helicone-Session-Id": session, "Helicone-Session-Name": "research" };
  const body = JSON.stringify({
    providerRequest: { url: "https://api.openai.com/v1/chat/completions", json: { model: "gpt-4o-mini", messages: [{ role: "user", content: "hi" }] }, meta },
    providerResponse: { json: { model: "gpt-4o-mini", choices: [], usage: { prompt_tokens: 2, completion_tokens: 1, total_tokens: 3 } }, status: 200, headers: {} },
  });
  const headers = { Authorization: `Bearer ${KEY}`, "Content-Type": "application/json" };
  assert.equal((await fetch(`${setting.gatehouse.api}/oai/v1/log`, { method: "POST", headers, body })).status, 200);
  return id;
}

test("mcp: both tools of Helicone's server answer, with their parameters", async () => {
  const session = randomUUID();
  const id = await logCall(session);
  await withClient(KEY, async (client) => {
    const { tools } = await client.listTools();
    assert.deepEqual(tools.map((tool) => tool.name), ["query_requests", "query_sessions"]);
    assert.deepEqual(Object.keys(tools[0].inputSchema.properties).sort(), ["filter", "includeBodies", "limit", "offset", "sort"]);
    assert.deepEqual(tools[1].inputSchema.required, ["startTimeUnixMs", "endTimeUnixMs", "timezoneDifference"]);

    const filter = { request_response_rmt: { request_id: { equals: id } } };
    const found = await until(async () => (await call(client, "query_requests", { filter, sort: { created_at: "desc" } }))[0], SEEN_MS, "the call");
    assert.deepEqual([found.request_id, found.request_body], [id, null]);
    const [whole] = await call(client, "query_requests", { filter, includeBodies: true, limit: 1, offset: 0 });
    assert.equal(whole.request_body.messages[0].content, "hi");
    assert.deepEqual(await call(client, "query_requests", { filter, offset: 1 }), []);

    const range = { startTimeUnixMs: Date.now() - 3_600_000, endTimeUnixMs: Date.now() + 60_000, timezoneDifference: -5 };
    const [known] = await call(client, "query_sessions", { ...range, search: session });
    assert.deepEqual([known.session_id, known.session_name, known.total_requests], [session, "research", 1]);
    assert.deepEqual(await call(client, "query_sessions", { ...range, nameEquals: "another", search: session }), []);
  });
});

test("mcp: what is wrong is said to the assistant", async () => {
  await withClient(KEY, async (client) => {
    const told = async (name, args) => (await call(client, name, args)).error;
    assert.match(await told("query_requests", { filter: { request_response_rmt: { modle: { equals: "x" } } } }), /modle/);
    assert.match(await told("query_requests", { limit: 5000 }), /`limit` must be at most 1000/);
    assert.match(await told("query_requests", { includeBodies: "yes" }), /`includeBodies` must be true or false/);
    assert.match(await told("query_sessions", { startTimeUnixMs: 0, endTimeUnixMs: 1 }), /`timezoneDifference` must be given/);
    await assert.rejects(client.callTool({ name: "delete_requests", arguments: {} }), /there is no tool/);
  });
  await withClient("sk-helicone-zzzzzzz-zzzzzzz-zzzzzzz-zzzzzzz", async (client) => {
    assert.match((await call(client, "query_requests", {})).error, /401/);
  });
});
