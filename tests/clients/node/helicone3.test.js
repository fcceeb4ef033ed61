// @helicone/helicone 3: the client of Helicone's API, made from its OpenAPI document.

import { strict as assert } from "node:assert";
import { randomUUID } from "node:crypto";
import { mock, test } from "node:test";
import { HeliconeAPIClient } from "@helicone/helicone/dist/api/client.js";
import { useSetting } from "./compare.js";
import { KEY, until } from "./processes.js";

const SEEN_MS = 30_000;
const setting = useSetting();

/** Logs a call of a user's session and returns its id. */
async function logCall({ user, session, answer = "hello" }) {
  const id = randomUUID();
  const meta = { "Helicone-Request-Id": id, "Helicone-User-Id": user, "Helicone-Session-Id": session, "Helicone-Session-Name": "support" };
  const request = { model: "gpt-4o-mini", messages: [{ role: "user", content: "hi" }] };
  const usage = { prompt_tokens: 20, completion_tokens: 10, total_tokens: 30 };
  const response = { model: "gpt-4o-mini", choices: [{ index: 0, message: { role: "assistant", content: answer } }], usage };
  const url = "https://api.openai.com/v1/chat/completions";
  const body = JSON.stringify({ providerRequest: { url, json: request, meta }, providerResponse: { json: response, status: 200, headers: {} } });
  const headers = { Authorization: `Bearer ${KEY}`, "Content-Type": "application/json" };
  const logged = await fetch(`${setting.gatehouse.api}/oai/v1/log`, { method: "POST", headers, body });
  assert.equal(logged.status, 200);
  return id;
}

const client = () => new HeliconeAPIClient({ apiKey: KEY, baseURL: setting.gatehouse.api });

/** Asks until there is an answer that is wanted. */
const asked = (path, init, isWanted) =>
  until(
    async () => {
      const { data, error, response } = await client().rawClient.POST(path, init);
      assert.equal(response.status, 200, JSON.stringify(error));
      assert.equal(data.error, null);
      return isWanted(data.data) && data.data;
    },
    SEEN_MS,
    path,
  );

test("helicone 3: requests, users and sessions are queried, and calls are scored, rated and given properties", async () => {
  const user = `ann-${randomUUID()}`;
  const session = randomUUID();
  const ids = [await logCall({ user, session }), await logCall({ user, session })];
  const filter = { request_response_rmt: { user_id: { equals: user } } };
  const query = { filter, isCached: false, limit: 10, offset: 0, sort: { created_at: "desc" }, isScored: false, isPartOfExperiment: false };
  const requests = await asked("/v1/request/query", { body: query }, (rows) => rows.length === ids.length);
  assert.deepEqual(new Set(requests.map((row) => row.request_id)), new Set(ids));

  const users = await asked("/v1/user/query", { body: { userIds: [user] } }, (rows) => rows.length === 1);
  assert.deepEqual([users[0].user_id, users[0].count, users[0].prompt_tokens, users[0].completion_tokens], [user, 2, 40, 20]);
  const metrics = await asked("/v1/user/metrics/query", { body: { filter: { users_view: { user_user_id: { equals: user } } }, offset: 0, limit: 10 } }, (data) => data.users.length === 1);
  assert.equal(metrics.users[0].total_requests, 2);

  const timeFilter = { startTimeUnixMs: Date.now() - 3_600_000, endTimeUnixMs: Date.now() + 60_000 };
  const sessions = await asked("/v1/session/query", { body: { search: session, timeFilter, timezoneDifference: 0, filter: "all" } }, (rows) => rows.length === 1);
  assert.deepEqual([sessions[0].session_id, sessions[0].session_name, sessions[0].total_requests, sessions[0].total_tokens], [session, "support", 2, 60]);
  const names = await asked("/v1/session/name/query", { body: { nameContains: "supp", timezoneDifference: 0 } }, (rows) => rows.some((row) => row.name === "support"));
  assert.ok(names.every((row) => row.session_count >= 1));

  const params = { path: { requestId: ids[0] } };
  const { rawClient } = client();
  for (const [path, call] of [
    ["/v1/request/{requestId}/score", () => rawClient.POST("/v1/request/{requestId}/score", { params, body: { scores: { accuracy: 92, polite: true } } })],
    ["/v1/request/{requestId}/feedback", () => rawClient.POST("/v1/request/{requestId}/feedback", { params, body: { rating: true } })],
    ["/v1/request/{requestId}/property", () => rawClient.PUT("/v1/request/{requestId}/property", { params, body: { key: "Reviewed", value: "yes" } })],
  ]) {
    const { response } = await call();
    assert.ok(response.ok, `${path}: ${response.status}`);
  }
  const [rated] = await asked("/v1/request/query", { body: { ...query, isScored: undefined, filter: { request_response_rmt: { request_id: { equals: ids[0] } } } } }, (rows) => rows[0]?.properties.Reviewed);
  assert.deepEqual(rated.scores, { accuracy: 92, "polite-hcone-bool": 1, "helicone-score-feedback": 1 });
});

test("helicone 3: its scoring worker reads bodies and scores calls", async () => {
  const user = `worker-${randomUUID()}`;
  const id = await logCall({ user, session: randomUUID(), answer: "a good answer" });
  const filter = { request_response_rmt: { user_id: { equals: user } } };
  await asked("/v1/request/query", { body: { filter } }, (rows) => rows.length === 1);
  const told = mock.method(console, "log", () => {});
  const worker = client().scoringWorker();
  const read = [];
  // Stopped with the first call, it ends after its round; its pause is not waited for.
  worker.start(async (row, bodies) => (worker.stop(), read.push([row.request_id, bodies]), { scores: { length: bodies.response.choices[0].message.content.length } }), { filter });
  const [scored] = await asked("/v1/request/query", { body: { filter } }, (rows) => rows[0]?.scores.length);
  told.mock.restore();
  assert.equal(scored.scores.length, "a good answer".length);
  assert.equal(read[0][0], id);
  assert.equal(read[0][1].request.messages[0].content, "hi");
});
