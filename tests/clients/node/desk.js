// A few days of calls for the dashboard's pages: sessions, users, properties, errors, ratings, hits of the cache and
// calls that limits refused.

import { strict as assert } from "node:assert";
import { ask, CHAT, USAGE } from "./dashboard.js";
import { KEY, until } from "./processes.js";
import { gatewayClient } from "./routes.js";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const AT_ONCE = 8;
const STORED_MS = 20_000;

const USERS = ["ada@example.com", "grace@example.com", "linus@example.com", "margaret@example.com", "tim@example.com"];
const FEATURES = ["search", "chat", "summary", "translate"];
const ENVIRONMENTS = ["production", "production", "production", "staging"];
/** Sessions by name, each with the paths that its calls have, in order. */
const SESSIONS = [
  { name: "Trip planner", paths: ["/plan", "/plan/search/flights", "/plan/search/hotels", "/plan/compare", "/answer"] },
  { name: "Support chat", paths: ["/classify", "/answer", "/answer/check"] },
  { name: "Nightly report", paths: ["/collect/tickets", "/collect/orders", "/summarise", "/review", "/review/fix", "/send"] },
];
const MODELS = ["gpt-4o-mini", "gpt-4o", "gpt-4.1-nano", "in-house-7b"];

/** Logs a call that began at `atMs` and took `tookMs`, and returns its id. */
export async function logCall(gatehouse, { atMs, tookMs = 900, model = "gpt-4o-mini", status = 200, said = "Say hello", answered = "Hello!", tokens = [120, 60], meta = {}, earlier = [], firstTokenMs = null }) {
  const time = (ms) => ({ seconds: Math.floor(ms / 1000), milliseconds: Math.round(ms % 1000) });
  const messages = [...earlier, { role: "user", content: said }];
  const usage = { prompt_tokens: tokens[0], completion_tokens: tokens[1], total_tokens: tokens[0] + tokens[1] };
  const answer = { id: "chatcmpl-1", object: "chat.completion", model, choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: answered } }], usage };
  const body = {
    providerRequest: { url: "https://api.openai.com/v1/chat/completions", json: { model, messages }, meta },
    providerResponse: { json: status < 400 ? answer : { error: { message: "The server had an error", type: "server_error" } }, status, headers: {} },
    timing: { startTime: time(atMs), endTime: time(atMs + tookMs), timeToFirstToken: firstTokenMs },
  };
  const headers = { Authorization: `Bearer ${KEY}`, "Content-Type": "application/json" };
  const response = await fetch(`${gatehouse.api}/oai/v1/log`, { method: "POST", headers, body: JSON.stringify(body) });
  assert.equal(response.status, 200, await response.text());
  return response.headers.get("helicone-id");
}

/** Returns the call with this number: when it was, whose, and in which session. */
function callOf(number, nowMs) {
  // Calls come in groups, each of a session or none; older groups are further back.
  const session = SESSIONS[number % 4];
  const paths = session?.paths ?? ["/"];
  const startMs = nowMs - 5 * DAY_MS + ((number * 5 * DAY_MS) / 36) + HOUR_MS;
  const own = { "Helicone-Property-Environment": ENVIRONMENTS[number % ENVIRONMENTS.length], "Helicone-Property-Feature": FEATURES[number % FEATURES.length] };
  const user = { "Helicone-User-Id": USERS[(number * 7) % USERS.length] };
  let atMs = Math.min(startMs, nowMs - 10 * 60_000);
  return paths.map((path, step) => {
    const tookMs = 350 + ((number * 37 + step * 211) % 9) * 260;
    const begun = atMs;
    atMs += step % 3 === 1 ? tookMs / 3 : tookMs + 40;
    const inSession = session ? { "Helicone-Session-Id": `session-${number}`, "Helicone-Session-Name": session.name, "Helicone-Session-Path": path } : {};
    return {
      atMs: begun,
      tookMs,
      firstTokenMs: step % 2 === 0 ? Math.round(tookMs / 4) : null,
      model: MODELS[(number + (step > 2 ? 1 : 0)) % MODELS.length],
      status: (number + step) % 17 === 5 ? 500 : 200,
      said: `Step ${step + 1} of ${session?.name ?? "a single question"}: ${path}`,
      answered: `Done with ${path}.`,
      tokens: [200 + ((number * 53) % 700), 40 + ((step * 97 + number * 11) % 400)],
      meta: { ...own, ...user, ...inSession },
    };
  });
}

/** Does `work` with each of `items`, a few at a time, and returns the results in order. */
async function each(items, work) {
  const results = [];
  const next = items.entries();
  const lane = async () => {
    for (const [index, item] of next) results[index] = await work(item, index);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return results;
}

/** Logs all calls, rates and scores some, lets the cache answer and a limit refuse; returns the ids, oldest first. */
export async function furnishCalls(gatehouse) {
  const nowMs = Date.now();
  const calls = Array.from({ length: 36 }, (_, number) => callOf(number, nowMs)).flat();
  const ids = await each(calls, (call) => logCall(gatehouse, call));
  await each(ids.filter((_, index) => index % 4 === 0), (id, index) => ask(gatehouse, "POST", `/v1/request/${id}/feedback`, { rating: index % 5 !== 0 }));
  await each(ids.filter((_, index) => index % 3 === 0), (id, index) => ask(gatehouse, "POST", `/v1/request/${id}/score`, { scores: { accuracy: 55 + ((index * 13) % 45), polite: index % 6 !== 0 } }));
  const cached = { "x-double": USAGE, "Helicone-Cache-Enabled": "true", "CF-IPCountry": "DE" };
  for (let number = 0; number < 3; number += 1) await gatewayClient(gatehouse).chat.completions.create(CHAT, { headers: cached });
  const limited = { "x-double": USAGE, "Helicone-RateLimit-Policy": "1;w=3600;s=user", "Helicone-User-Id": USERS[0] };
  const statuses = [];
  for (let number = 0; number < 3; number += 1) {
    const outcome = gatewayClient(gatehouse, { maxRetries: 0 }).chat.completions.create(CHAT, { headers: limited }).asResponse();
    statuses.push(await outcome.then(({ status }) => status, ({ status }) => status));
  }
  assert.deepEqual(statuses, [200, 429, 429]);
  const count = ids.length + 6;
  await until(async () => (await ask(gatehouse, "POST", "/v1/request/count/query", { filter: "all" })).data >= count, STORED_MS, `${count} calls are stored`);
  return ids;
}
