// What tests of the dashboard have in common: calls to show, and what stands where on its pages.

import { strict as assert } from "node:assert";
import { isDeepStrictEqual } from "node:util";
import { openPage, signIn } from "./browser.js";
import { settle } from "./looks.js";
import { KEY, start, until } from "./processes.js";
import { gatewayClient } from "./routes.js";

export const ANSWER = "Hello! How can I help you today?";
export const QUESTION = "Say hello to Zürich.";
export const CHAT = { model: "gpt-4o-mini", messages: [{ role: "user", content: QUESTION }] };
export const STREAM = { ...CHAT, stream: true, stream_options: { include_usage: true } };
const PATIENCE_MS = 10_000;
// 1,000 times 0.15 and 500 times 0.60 dollars a million.
export const USAGE = "prompt-tokens=1000,completion-tokens=500";
export const COST = "$0.00045";

/** Makes a call through the gateway and returns its id. */
export async function call(gatehouse, user, body = CHAT) {
  const headers = { "x-double": USAGE, "Helicone-User-Id": user, "Helicone-Property-Environment": "staging" };
  const { data, response } = await gatewayClient(gatehouse).chat.completions.create(body, { headers }).withResponse();
  if (body.stream) for await (const chunk of data) assert.ok(chunk.id);
  return response.headers.get("helicone-id");
}

/** Makes a call with a prompt, which the provider fails once and the gateway tries again; returns its id. */
export async function callRetried(gatehouse) {
  const retry = { "Helicone-Retry-Enabled": "true", "Helicone-Retry-Min-Timeout": "20" };
  const headers = { "x-double": "status=503,first=1", "Helicone-Prompt-Id": "greeting", ...retry };
  const content = 'Say hello to <helicone-prompt-input key="name" >Ada</helicone-prompt-input>.';
  const body = { ...CHAT, messages: [{ role: "user", content }] };
  const { response } = await gatewayClient(gatehouse).chat.completions.create(body, { headers }).withResponse();
  return response.headers.get("helicone-id");
}

/** Calls the REST API and insists on its success. */
export async function ask(gatehouse, method, path, body) {
  const headers = { Authorization: `Bearer ${KEY}`, "Content-Type": "application/json" };
  const response = await fetch(`${gatehouse.api}${path}`, { method, headers, body: body && JSON.stringify(body) });
  const answer = await response.json();
  assert.ok(response.ok, `${method} ${path}: ${JSON.stringify(answer)}`);
  return answer;
}

/** Returns the status of a call through the gateway with `key`. */
export async function statusWith(gatehouse, key) {
  const client = gatewayClient(gatehouse, { defaultHeaders: { "Helicone-Auth": `Bearer ${key}` } });
  const outcome = client.chat.completions.create(CHAT, { headers: { "x-double": USAGE } }).asResponse();
  return outcome.then(({ status }) => status, ({ status }) => status);
}

/** Returns the status of a call through the gateway with a proxy key alone, where a provider's key would stand. */
export async function statusWithProxyKey(gatehouse, key) {
  const headers = { Authorization: `Bearer ${key}`, "Helicone-Target-Url": "https://api.openai.com", "Content-Type": "application/json" };
  const response = await fetch(`${gatehouse.gateway}/v1/chat/completions`, { method: "POST", headers, body: JSON.stringify(CHAT) });
  await response.text();
  return response.status;
}

/** Starts everything, with a page that is signed in with `key`; all of it ends with test `t`. */
export async function startSignedIn(browser, t, { key, ...options } = {}) {
  const { gatehouse, double, stop } = await start(options);
  t.after(stop);
  const opened = await openPage(browser, gatehouse.api);
  t.after(() => opened.page.context().close());
  await signIn(opened.page, (await key?.(gatehouse)) ?? KEY);
  await openRequests(opened.page);
  return { gatehouse, double, ...opened };
}

/** Waits for the page that is shown after signing in, and goes on to the list of requests. */
export async function openRequests(page) {
  await page.getByRole("heading", { level: 1, name: "Dashboard" }).waitFor();
  await go(page, "Requests");
}

/** Opens a request of the list on a page of its own. */
export async function openRequest(page, id) {
  await rowOf(page, id).getByRole("link").first().click();
  await page.getByRole("link", { name: "Open on its own page" }).click();
  await atRequest(page, id);
}

/** Waits for the page of a request; its address is there before it is. */
export async function atRequest(page, id) {
  await page.waitForURL(`**/requests/${id}`);
  await page.getByTestId("request-id").filter({ hasText: id }).waitFor();
}

/** Waits until the answer of `look` is `expected`: what a page shows follows what was done to it. */
export async function becomes(look, expected, what) {
  let seen;
  const isThere = async () => isDeepStrictEqual((seen = await look()), expected);
  await until(isThere, PATIENCE_MS, what).catch(() => assert.deepEqual(seen, expected, what));
}

/** Waits until what is read at `place` matches, and returns it. */
export async function reads(place, pattern) {
  let seen;
  await until(async () => pattern.test((seen = await place.innerText())), PATIENCE_MS, `${pattern}`).catch(() => assert.match(seen, pattern));
  return seen;
}

/** Opens what belongs to whoever is signed in, and chooses something of it. */
export async function chooseOfAccount(page, name) {
  // What is still being read when somebody signs out is refused, and the browser complains of that.
  await settle(page);
  await page.getByRole("button", { name: /^Account/ }).filter({ visible: true }).click();
  await page.getByRole("menuitem", { name }).click();
}

/** Goes to a page by the navigation, which a narrow screen opens first. */
export async function go(page, name) {
  const menu = page.getByRole("button", { name: "Open the navigation" });
  if (await menu.isVisible()) await menu.click();
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name }).click();
  await page.getByRole("heading", { level: 1, name }).waitFor();
}

export const button = (page, name) => page.getByRole("button", { name, exact: true });
export const announced = (page, text) => page.getByTestId("announcement").getByText(text).waitFor();
/** The browser reports each refusal of the API itself, in its own time; `statuses` are those that were meant. */
export async function forgive(complaints, ...statuses) {
  await until(() => complaints.length >= statuses.length, PATIENCE_MS, `complaints of ${statuses}`);
  assert.deepEqual(complaints.splice(0).map((text) => Number(/status of (\d+)/.exec(text)?.[1] ?? 0) || text), statuses);
}

export const rowOf = (page, id) => page.locator(`tr:has([data-row-link="${id}"])`);
export const requestsHeading = (page) => page.getByRole("heading", { level: 1, name: "Requests" });
export const responseBody = (page) => page.getByRole("region", { name: "Response body content" });

/** Returns the value beside `name` on the page of a request. */
export const fact = (page, name) => page.locator("dl > div", { has: page.getByText(name, { exact: true }) }).locator("dd").innerText();

/** Asserts that the page shows the call with both bodies, its tokens and its cost. */
export async function checkRequestPage(page, id) {
  await atRequest(page, id);
  const conversation = page.getByRole("region", { name: "Conversation" });
  await conversation.getByText(QUESTION, { exact: true }).waitFor();
  await conversation.getByText(ANSWER, { exact: true }).waitFor();
  await page.getByRole("region", { name: "Request body content" }).getByText(QUESTION).waitFor();
  await responseBody(page).getByText(ANSWER).waitFor();
  const names = ["Tokens in", "Tokens out", "Tokens in all", "Cost", "Cost status"];
  const shown = await Promise.all(names.map((name) => fact(page, name)));
  assert.deepEqual(shown, ["1,000", "500", "1,500", COST, "priced"]);
}
