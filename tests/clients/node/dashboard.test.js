// The dashboard in a real browser: from the key to both bodies of a call, and what is managed beside the log.

import { strict as assert } from "node:assert";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { checkAccessible, launch, openPage, signIn } from "./browser.js";
import { Nameserver } from "./nameserver.js";
import { KEY, start, until } from "./processes.js";
import { gatewayClient } from "./routes.js";

const ANSWER = "Hello! How can I help you today?";
const QUESTION = "Say hello to Zürich.";
const CHAT = { model: "gpt-4o-mini", messages: [{ role: "user", content: QUESTION }] };
const STREAM = { ...CHAT, stream: true, stream_options: { include_usage: true } };
// 1,000 times 0.15 and 500 times 0.60 dollars a million.
const USAGE = "prompt-tokens=1000,completion-tokens=500";
const COST = "$0.00045";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

/** Makes a call through the gateway and returns its id. */
async function call(gatehouse, user, body = CHAT) {
  const headers = { "x-double": USAGE, "Helicone-User-Id": user, "Helicone-Property-Environment": "staging" };
  const { data, response } = await gatewayClient(gatehouse).chat.completions.create(body, { headers }).withResponse();
  if (body.stream) for await (const chunk of data) assert.ok(chunk.id);
  return response.headers.get("helicone-id");
}

/** Makes a call with a prompt, which the provider fails once and the gateway tries again; returns its id. */
async function callRetried(gatehouse) {
  const retry = { "Helicone-Retry-Enabled": "true", "Helicone-Retry-Min-Timeout": "20" };
  const headers = { "x-double": "status=503,first=1", "Helicone-Prompt-Id": "greeting", ...retry };
  const content = 'Say hello to <helicone-prompt-input key="name" >Ada</helicone-prompt-input>.';
  const body = { ...CHAT, messages: [{ role: "user", content }] };
  const { response } = await gatewayClient(gatehouse).chat.completions.create(body, { headers }).withResponse();
  return response.headers.get("helicone-id");
}

/** Calls the REST API and insists on its success. */
async function ask(gatehouse, method, path, body) {
  const headers = { Authorization: `Bearer ${KEY}`, "Content-Type": "application/json" };
  const response = await fetch(`${gatehouse.api}${path}`, { method, headers, body: body && JSON.stringify(body) });
  const answer = await response.json();
  assert.ok(response.ok, `${method} ${path}: ${JSON.stringify(answer)}`);
  return answer;
}

/** Returns the status of a call through the gateway with `key`. */
async function statusWith(gatehouse, key) {
  const client = gatewayClient(gatehouse, { defaultHeaders: { "Helicone-Auth": `Bearer ${key}` } });
  const outcome = client.chat.completions.create(CHAT, { headers: { "x-double": USAGE } }).asResponse();
  return outcome.then(({ status }) => status, ({ status }) => status);
}

/** Returns the status of a call through the gateway with a proxy key alone, where a provider's key would stand. */
async function statusWithProxyKey(gatehouse, key) {
  const headers = { Authorization: `Bearer ${key}`, "Helicone-Target-Url": "https://api.openai.com", "Content-Type": "application/json" };
  const response = await fetch(`${gatehouse.gateway}/v1/chat/completions`, { method: "POST", headers, body: JSON.stringify(CHAT) });
  await response.text();
  return response.status;
}

/** Starts everything, with a page that is signed in with `key`; all of it ends with test `t`. */
async function startSignedIn(t, { key, ...options } = {}) {
  const { gatehouse, double, stop } = await start(options);
  t.after(stop);
  const opened = await openPage(browser, gatehouse.api);
  t.after(() => opened.page.context().close());
  await signIn(opened.page, (await key?.(gatehouse)) ?? KEY);
  await requestsHeading(opened.page).waitFor();
  return { gatehouse, double, ...opened };
}

/** Goes to a page by the navigation. */
async function go(page, name) {
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name }).click();
  await page.getByRole("heading", { level: 1, name }).waitFor();
}

const button = (page, name) => page.getByRole("button", { name, exact: true });
const announced = (page, text) => page.getByTestId("announcement").getByText(text).waitFor();
/** The browser reports each refusal of the API itself; `statuses` are those that were meant. */
const forgive = (complaints, ...statuses) =>
  assert.deepEqual(complaints.splice(0).map((text) => Number(/status of (\d+)/.exec(text)?.[1] ?? 0) || text), statuses);

const rowOf = (page, id) => page.locator(`tr:has([data-row-link="${id}"])`);
const requestsHeading = (page) => page.getByRole("heading", { level: 1, name: "Requests" });
const responseBody = (page) => page.getByRole("region", { name: "Response body content" });

/** Returns the value beside `name` on the page of a request. */
const fact = (page, name) => page.locator("dl > div", { has: page.getByText(name, { exact: true }) }).locator("dd").innerText();

/** Asserts that the page shows the call with both bodies, its tokens and its cost. */
async function checkRequestPage(page, id) {
  await page.waitForURL(`**/requests/${id}`);
  await page.getByRole("region", { name: "Request body content" }).getByText(QUESTION).waitFor();
  await responseBody(page).getByText(ANSWER).waitFor();
  const names = ["Tokens in", "Tokens out", "Tokens in all", "Cost", "Cost status"];
  const shown = await Promise.all(names.map((name) => fact(page, name)));
  assert.deepEqual(shown, ["1,000", "500", "1,500", COST, "priced"]);
}

test("from a wrong key to a call that appears by itself and opens by mouse and by keyboard", async (t) => {
  const { gatehouse, stop } = await start();
  t.after(stop);
  const { page, complaints, check } = await openPage(browser, gatehouse.api);
  t.after(() => page.context().close());

  await signIn(page, "sk-helicone-wrongaa-bbbbbbb-ccccccc-ddddddd");
  await page.getByRole("alert").getByText("This key is not known here").waitFor();
  // The browser itself reports the refusal, and nothing else was complained of.
  assert.deepEqual(complaints.splice(0).map((text) => /\b401\b/.test(text)), [true]);

  await signIn(page, KEY);
  await page.getByRole("heading", { name: "No requests yet" }).waitFor();
  await page.evaluate(() => (globalThis.loadedOnce = true));

  const id = await call(gatehouse, "ada");
  const row = rowOf(page, id);
  await row.waitFor();
  assert.ok(await page.evaluate(() => globalThis.loadedOnce), "the page was not loaded again");
  const cells = await row.locator("td").allInnerTexts();
  for (const text of ["gpt-4o-mini-2024-07-18", "OPENAI", COST, "ada"]) assert.ok(cells.includes(text), `${text} in ${cells}`);
  assert.match(cells.join(" "), /200.*1,000 \/ 500/s);

  await row.getByText("gpt-4o-mini-2024-07-18").click();
  await checkRequestPage(page, id);

  await page.goBack();
  const second = await call(gatehouse, "grace", STREAM);
  await rowOf(page, second).waitFor();
  // Who comes back finds the focus on the row that was open; the newer one stands above it.
  await page.keyboard.press("k");
  await page.keyboard.press("Enter");
  await checkRequestPage(page, second);
  await responseBody(page).getByText("Finish reason: stop").waitFor();
  assert.doesNotMatch(await responseBody(page).innerText(), /data:/);
  await page.getByRole("group", { name: "View of the response body" }).getByText("Raw").click();
  await responseBody(page).getByText("data: [DONE]").waitFor();

  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in to Gatehouse" }).waitFor();
  check();
});

test("a key is made, shown once, used, renamed and revoked", async (t) => {
  const { gatehouse, page, complaints, check } = await startSignedIn(t);
  await go(page, "API keys");
  await button(page, "Create the first key").click();
  const dialog = page.getByRole("dialog", { name: "Create an API key" });
  await dialog.getByLabel("Name").fill("  ");
  await button(dialog, "Create key").click();
  await dialog.getByRole("alert").getByText("This must be a text of 1 to 200 characters").waitFor();
  forgive(complaints, 400);
  await dialog.getByLabel("Name").fill("checkout");
  await button(dialog, "Create key").click();

  await page.getByRole("heading", { name: "Copy the key “checkout” now" }).waitFor();
  await announced(page, "The key “checkout” is made");
  const key = await page.getByTestId("new-key").innerText();
  assert.ok((await page.getByRole("region", { name: "first call with this key" }).innerText()).includes(key));
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await button(page, "Copy key").click();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), key);
  assert.equal(await statusWith(gatehouse, key), 200);
  await button(page, "I have stored it").click();
  assert.ok(!(await page.content()).includes(key), "the key is shown once");

  await button(page, "Rename checkout").click();
  await page.getByRole("dialog").getByLabel("Name").fill("checkout, production");
  await page.keyboard.press("Enter");
  await announced(page, "The key is called “checkout, production” now");

  await button(page, "Revoke checkout, production").click();
  await page.getByRole("dialog").getByText("are refused with 401 within a second").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  // Who thinks better of it is where they were.
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), "Revoke checkout, production");
  assert.equal(await statusWith(gatehouse, key), 200);
  await page.keyboard.press("Enter");
  await button(page, "Revoke key").click();
  await announced(page, "is revoked");
  await until(async () => (await statusWith(gatehouse, key)) === 401, 10_000, "the revoked key is refused");

  assert.equal(await page.locator("[data-key]").count(), 1);
  // The button that had the focus has gone with its row.
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
  await page.getByRole("switch", { name: "Show revoked keys (1)" }).click();
  const revoked = page.locator('[data-key="checkout, production"]');
  await revoked.getByText("Revoked", { exact: true }).waitFor();
  assert.equal(await revoked.getByRole("button").count(), 0);

  await button(page, "Revoke bootstrap").click();
  await page.getByRole("dialog").getByText("you will be signed out").waitFor();
  await button(page, "Revoke key").click();
  await page.getByRole("alert").getByText("You revoked the key you were signed in with").waitFor();
  check();
});

test("a domain is added, verified by its record and decided by an administrator", async (t) => {
  const nameserver = await Nameserver.start();
  t.after(nameserver.stop);
  const { page, complaints, check } = await startSignedIn(t, { nameserver: nameserver.address });
  await go(page, "Providers and domains");
  await page.getByRole("heading", { name: "No domains yet" }).waitFor();
  await button(page, "Add a domain").click();
  const dialog = page.getByRole("dialog", { name: "Add a domain" });
  await dialog.getByLabel("Domain").fill("https://llm.example.com/v1");
  await dialog.getByLabel("My own deployment").check();
  await button(dialog, "Add domain").click();
  await dialog.getByRole("alert").getByText("did you mean").waitFor();
  await dialog.getByLabel("Domain").fill("api.openai.com");
  await button(dialog, "Add domain").click();
  await dialog.getByRole("alert").getByText("needs no approval").waitFor();
  forgive(complaints, 400, 409);
  await dialog.getByLabel("Domain").fill("llm.example.com");
  await button(dialog, "Add domain").click();
  await announced(page, "llm.example.com is added");

  const domain = page.locator('[data-domain="llm.example.com"]');
  const record = await domain.locator("dl").innerText();
  for (const text of ["llm.example.com", "TXT", "hconeai-verification=true"]) assert.ok(record.includes(text), `${text} in ${record}`);
  await page.getByText("1 call a second and 10,000 calls a day").waitFor();

  const verify = domain.getByRole("button", { name: /^Verify now/ });
  nameserver.records.set("llm.example.com", "v=spf1 -all");
  await verify.click();
  await announced(page, "The record of llm.example.com was not found");
  await domain.getByText("is another one").waitFor();
  nameserver.records.set("llm.example.com", null);
  await verify.click();
  await domain.getByRole("alert").waitFor();
  forgive(complaints, 503);
  nameserver.records.set("llm.example.com", "hconeai-verification=true");
  await verify.click();
  await announced(page, "llm.example.com is approved");
  await domain.getByText("Approved by its TXT record").waitFor();
  assert.equal(await domain.locator("dl").count(), 0);

  const review = page.getByRole("region", { name: "Review" });
  await button(review, "All").click();
  await button(review, "Reject llm.example.com of Default").click();
  await page.getByLabel("Reason (optional)").fill("nobody here knows it");
  await button(page, "Reject domain").click();
  await announced(page, "is rejected for Default");
  await domain.getByText("nobody here knows it").waitFor();
  await verify.waitFor({ state: "detached" });
  await review.getByRole("button", { name: /^Approve *llm.example.com of Default$/ }).click();
  await domain.getByText("Approved by an administrator").waitFor();

  await button(page, "Remove llm.example.com").click();
  await page.getByRole("dialog").getByText("limited again").waitFor();
  await button(page, "Remove domain").click();
  await page.getByRole("heading", { name: "No domains yet" }).waitFor();
  check();
});

test("host rules refuse calls, and the audit log has all that was done", async (t) => {
  const { gatehouse, page, complaints, check } = await startSignedIn(t);
  await go(page, "Providers and domains");
  const denied = page.getByRole("region", { name: "Denied hosts" });
  await denied.getByLabel("Host to deny").fill("*.openai.com");
  await button(denied, "Add").click();
  await announced(page, "*.openai.com is denied now");
  assert.equal(await statusWith(gatehouse, KEY), 403);
  await denied.getByLabel("Host to deny").fill("*.openai.com");
  await button(denied, "Add").click();
  await denied.getByRole("alert").getByText("already").waitFor();
  forgive(complaints, 409);
  await button(denied, "Remove *.openai.com").click();
  await announced(page, "*.openai.com is no longer in the list");
  assert.equal(await statusWith(gatehouse, KEY), 200);

  const providers = page.getByRole("region", { name: "Known providers" });
  await providers.getByLabel("Search providers").fill("anthropic");
  await providers.getByRole("row", { name: /Anthropic/ }).getByRole("cell", { name: "api.anthropic.com" }).waitFor();
  assert.equal(await providers.getByRole("row", { name: /Together/ }).count(), 0);

  for (let number = 0; number < 50; number += 1) {
    await ask(gatehouse, "POST", "/v1/host-rules", { pattern: `host-${number}.example.com`, effect: "deny" });
  }
  await go(page, "Audit");
  const entries = page.locator("tbody tr");
  await entries.first().getByRole("cell", { name: "deny host-49.example.com" }).waitFor();
  assert.equal(await entries.count(), 50);
  await button(page, "Load more").click();
  await entries.nth(50).waitFor();
  const oldest = await entries.allInnerTexts().then((rows) => rows.slice(-3).join("\n"));
  assert.match(oldest, /bootstrap\s+Removed host rule[^]*bootstrap\s+Added host rule[^]*The server\s+Created key\s+bootstrap/);
  assert.equal(await button(page, "Load more").count(), 0);
  check();
});

test("a second call is answered from the cache, and the dashboard says what that saved", async (t) => {
  const { gatehouse, page, check } = await startSignedIn(t);
  await go(page, "Cache");
  await page.getByText("The cache answered no call in this time.").waitFor();
  const cached = { "x-double": USAGE, "Helicone-Cache-Enabled": "true" };
  const ids = [];
  for (let number = 0; number < 2; number += 1) {
    const { response } = await gatewayClient(gatehouse).chat.completions.create(CHAT, { headers: cached }).withResponse();
    ids.push(response.headers.get("helicone-id"));
    await until(() => gatehouse.row(ids[number]), 10_000, "the call is logged");
  }
  await go(page, "Requests");
  const [original, hit] = ids;
  await rowOf(page, hit).getByText("cached", { exact: true }).waitFor();
  assert.equal(await rowOf(page, original).getByText("cached", { exact: true }).count(), 0);

  await page.getByLabel("Cache", { exact: true }).selectOption("Cache hits");
  await rowOf(page, original).waitFor({ state: "detached" });
  await rowOf(page, hit).getByRole("link").click();
  await page.waitForURL(`**/requests/${hit}`);
  await responseBody(page).getByText(ANSWER).waitFor();
  const shown = await Promise.all(["Cost", "Cost status", "Cost saved", "Tokens in saved", "Tokens out saved"].map((name) => fact(page, name)));
  assert.deepEqual(shown, ["$0", "cached", COST, "1,000", "500"]);
  await page.getByRole("link", { name: original.slice(0, 8) }).click();
  await page.waitForURL(`**/requests/${original}`);
  await responseBody(page).getByText(ANSWER).waitFor();
  assert.deepEqual(await Promise.all(["Cost", "Cache"].map((name) => fact(page, name))), [COST, "miss"]);

  await go(page, "Cache");
  await rowOf(page, hit).waitFor();
  const figures = await page.getByTestId("cache-figures").innerText();
  assert.match(figures, /Hits\s+1\s+Misses\s+1\s+Hit rate\s+50 %\s+Cost saved\s+\$0\.00045/);
  check();
});

test("a rate limit is built from its fields, holds, is switched off and removed", async (t) => {
  const { gatehouse, page, check } = await startSignedIn(t);
  await go(page, "Rate limits");
  const header = page.getByRole("region", { name: "call with a limit" });
  assert.match(await header.innerText(), /Helicone-RateLimit-Policy: 1000;w=3600;s=user/);
  await button(page, "Add the first rate limit").click();
  const dialog = page.getByRole("dialog", { name: "Add a rate limit" });
  await dialog.getByLabel("Name").fill("one call");
  await dialog.getByLabel("At most").fill("1");
  await dialog.getByLabel("Counted for").selectOption("each value of a property");
  await dialog.getByLabel("Property").fill("two words");
  await dialog.getByRole("alert").waitFor();
  await dialog.getByLabel("Counted for").selectOption("all calls together");
  await dialog.getByText("1 call an hour").waitFor();
  await button(dialog, "Add limit").click();
  await announced(page, "“one call” limits calls now");
  await until(async () => (await statusWith(gatehouse, KEY)) === 429, 10_000, "the limit holds");

  await button(page, "Disable one call").click();
  await announced(page, "“one call” limits nothing any more");
  await until(async () => (await statusWith(gatehouse, KEY)) === 200, 10_000, "the limit is off");
  await button(page, "Remove one call").click();
  await button(page, "Remove limit").click();
  await announced(page, "“one call” is removed");
  await page.getByRole("heading", { name: "No rate limits yet" }).waitFor();

  await go(page, "Requests");
  await page.locator("tbody tr").getByText("limited", { exact: true }).first().waitFor();
  await page.locator("tbody tr", { hasText: "limited" }).first().getByRole("link").click();
  assert.equal(await fact(page, "Rate limit"), "refused");
  check();
});

test("a provider's key is stored, and a proxy key for it is made, used and revoked", async (t) => {
  const { gatehouse, double, page, complaints, check } = await startSignedIn(t);
  const secret = "sk-kept-in-the-vault";
  await go(page, "Vault");
  await button(page, "Store key").click();
  const dialog = page.getByRole("dialog", { name: "Store a provider's key" });
  await dialog.getByLabel("Provider").fill("nobody");
  await dialog.getByLabel("Name").fill("production");
  await dialog.getByLabel("Key", { exact: true }).fill(secret);
  await button(dialog, "Store key").click();
  await dialog.getByRole("alert").getByText("the provider is none that is known here").waitFor();
  forgive(complaints, 400);
  await dialog.getByLabel("Provider").fill("openai");
  await button(dialog, "Store key").click();
  await announced(page, "“production” is in the vault");

  await button(page, "Make a proxy key for production").click();
  const proxy = page.getByRole("dialog", { name: "Make a proxy key for “production”" });
  await proxy.getByLabel("Name").fill("batch jobs");
  await proxy.getByLabel("At most").fill("0");
  await proxy.getByText("An amount above zero").waitFor();
  await proxy.getByLabel("At most").fill("12.50");
  await button(proxy, "Make proxy key").click();
  await announced(page, "The proxy key “batch jobs” is made");
  const key = await page.getByTestId("new-proxy-key").innerText();
  assert.ok((await page.getByRole("region", { name: "first call with this proxy key" }).innerText()).includes(key));
  const status = () => statusWithProxyKey(gatehouse, key);
  await until(async () => (await status()) === 200, 10_000, "the proxy key is accepted");
  const [received] = (await double.requests()).slice(-1);
  assert.ok(JSON.stringify(received.headers).includes(secret), "the provider gets its own key");
  await button(page, "I have stored it").click();
  const content = await page.content();
  assert.ok(!content.includes(key) && !content.includes(secret), "neither key is shown again");
  await page.locator('[data-proxy-key="batch jobs"]').getByRole("cell", { name: "$12.50 a day" }).waitFor();

  await button(page, "Deactivate production").click();
  await announced(page, "“production” is not used any more");
  await until(async () => (await status()) !== 200, 10_000, "the key is not used");
  await button(page, "Activate production").click();
  await until(async () => (await status()) === 200, 10_000, "the key is used again");
  await button(page, "Revoke batch jobs").click();
  await button(page, "Revoke proxy key").click();
  await announced(page, "The proxy key “batch jobs” is revoked");
  await until(async () => (await status()) === 401, 10_000, "the proxy key is refused");
  await button(page, "Remove production").click();
  await button(page, "Remove provider key").click();
  await announced(page, "“production” is erased");
  await page.getByText("The vault is empty").waitFor();
  check();
});

test("a webhook is added, its key shown once, switched off and removed", async (t) => {
  const { page, complaints, check } = await startSignedIn(t);
  await go(page, "Webhooks");
  await button(page, "Add the first webhook").click();
  const dialog = page.getByRole("dialog", { name: "Add a webhook" });
  await dialog.getByLabel("Destination").fill("https://10.0.0.1/hook");
  await button(dialog, "Add webhook").click();
  await dialog.getByRole("alert").getByText("must be a public URL").waitFor();
  forgive(complaints, 400);
  await dialog.getByLabel("Destination").fill("https://hooks.example.com/gatehouse");
  await dialog.getByLabel("Sample in per cent").fill("12.5");
  await dialog.getByLabel("Only calls with a property (optional)").fill("environment=production");
  await button(dialog, "Add webhook").click();
  await announced(page, "The webhook is made");
  const key = await page.getByTestId("new-webhook-key").innerText();
  await button(page, "I have stored it").click();
  assert.ok(!(await page.content()).includes(key), "the key is shown once");

  const webhook = page.locator('[data-webhook="https://hooks.example.com/gatehouse"]');
  await webhook.getByText("12.5 % of the calls whose environment is production").waitFor();
  await button(page, "Send a test to https://hooks.example.com/gatehouse").click();
  await webhook.getByText("Last test: the receiver's name could not be resolved.").waitFor();
  await button(page, "Switch off https://hooks.example.com/gatehouse").click();
  await webhook.getByText("Switched off", { exact: true }).waitFor();
  await button(page, "Remove https://hooks.example.com/gatehouse").click();
  await button(page, "Remove webhook").click();
  await page.getByRole("heading", { name: "No webhooks yet" }).waitFor();
  await go(page, "Audit");
  await page.getByRole("row", { name: /Removed webhook/ }).waitFor();
  check();
});

test("what a webhook could not be told is sent again or thrown away", async (t) => {
  const { gatehouse, page, check } = await startSignedIn(t);
  await ask(gatehouse, "POST", "/v1/webhooks", { destination: "https://hooks.example.com/gatehouse" });
  // The gateway gives a delivery up after hours, so the browser is told of two that are.
  const letters = ["1", "2"].map((number) => ({
    id: `0000000${number}-0000-4000-8000-000000000000`,
    request_id: `cafe000${number}-0000-4000-8000-000000000000`,
    error: "the receiver answered with status 500",
    attempts: 5,
    body_bytes: 1834,
    failed_at: "2026-11-22T14:06:00.123Z",
  }));
  const answers = [{ success: false, message: "the receiver answered with status 404" }, { success: true, message: "the receiver took it" }];
  const answer = (route, data) => route.fulfill({ json: { data, error: null } });
  await page.route("**/dead-letters", (route) => answer(route, letters));
  await page.route("**/dead-letters/*/retry", (route) => {
    const data = answers.shift();
    if (data.success) letters.shift();
    return answer(route, data);
  });
  await page.route("**/dead-letters/*", (route) => {
    assert.equal(route.request().method(), "DELETE");
    letters.pop();
    return answer(route, null);
  });
  await go(page, "Webhooks");
  await page.getByText("2 deliveries were given up").waitFor();
  await button(page, "Retry the delivery about cafe0001").click();
  await page.getByText("Not taken: the receiver answered with status 404.").waitFor();
  await button(page, "Retry the delivery about cafe0001").click();
  await announced(page, "The delivery about cafe0001 was taken");
  await page.getByText("One delivery was given up").waitFor();
  await button(page, "Throw away the delivery about cafe0002").click();
  await announced(page, "The delivery about cafe0002 is thrown away");
  assert.equal(await page.locator("[data-letter]").count(), 0);
  check();
});

test("who may only read sees why there is nothing to press", async (t) => {
  const readOnly = async (gatehouse) => (await ask(gatehouse, "POST", "/v1/api-keys", { api_key_name: "auditor", key_permissions: "r" })).apiKey;
  const { page, check } = await startSignedIn(t, { key: readOnly });
  const main = page.getByRole("main");
  const note = main.getByRole("note").getByText("“auditor”, a key that may only read");
  for (const name of ["API keys", "Vault", "Audit"]) {
    await go(page, name);
    await note.waitFor();
    assert.equal(await main.getByRole("button").count(), 0, name);
  }
  for (const [name, text] of [["Rate limits", "No rate limits yet"], ["Webhooks", "No webhooks yet"]]) {
    await go(page, name);
    await note.waitFor();
    await main.getByText(text).waitFor();
    assert.equal(await main.getByRole("button", { name: /^Add/ }).count(), 0, name);
  }
  await go(page, "Providers and domains");
  await note.waitFor();
  await main.getByText("No host is denied.").waitFor();
  await main.getByRole("row", { name: /Anthropic/ }).waitFor();
  assert.equal(await main.getByRole("button").count(), 0);
  check();
});

/** Makes something of everything there is to manage. */
async function furnish(gatehouse) {
  const make = (path, body) => ask(gatehouse, "POST", path, body);
  await make("/v1/api-keys", { api_key_name: "checkout service, production", key_permissions: "w" });
  await make("/v1/api-keys", { api_key_name: "nightly report", key_permissions: "r", expires_at: "2999-01-01T00:00:00Z" });
  const leaked = await make("/v1/api-keys", { api_key_name: "leaked in a notebook" });
  await ask(gatehouse, "DELETE", `/v1/api-keys/${leaked.id}`);
  const own = await make("/v1/domains", { domain: "gpu-cluster.research.example.com", kind: "personal" });
  const spam = await make("/v1/domains", { domain: "cheap-tokens.example", kind: "company", company: "Cheap Tokens GmbH" });
  await make("/v1/domains", { domain: "llm.example.com", kind: "company", company: "Example Ltd" });
  await make(`/v1/admin/domains/${own.data.id}/approve`);
  await make(`/v1/admin/domains/${spam.data.id}/reject`, { reason: "nobody here knows this company" });
  await make("/v1/host-rules", { pattern: "*.cheap-tokens.example", effect: "deny" });
  await make("/v1/rate-limits", { name: "free plan", policy: "100000;w=86400;u=tokens;s=plan" });
  const { id } = await make("/v1/api-keys/provider-key", { providerName: "openai", providerKeyName: "production", providerKey: "sk-kept-in-the-vault" });
  const limits = [{ window_seconds: 86400, cost: "12.50" }, { window_seconds: 60, requests: 100 }];
  await make("/v1/api-keys/proxy-key", { providerKeyId: id, proxyKeyName: "batch jobs of research", limits });
  const config = { sampleRate: 10, propertyFilters: [{ key: "environment", value: "production" }] };
  await make("/v1/webhooks", { destination: "https://hooks.example.com/gatehouse/calls", config });
}

describe("on every page", () => {
  let setting;
  let id;
  let retried;
  before(async () => {
    setting = await start();
    retried = await callRetried(setting.gatehouse);
    id = await call(setting.gatehouse, "ada", STREAM);
    await furnish(setting.gatehouse);
  });
  after(() => setting?.stop());

  /** Visits all pages in test `t` and calls `look` with each and its name. */
  async function visit(t, options, look) {
    const { page, check } = await openPage(browser, setting.gatehouse.api, options);
    t.after(() => page.context().close());
    await page.getByRole("heading", { name: "Sign in to Gatehouse" }).waitFor();
    await look(page, "sign-in");
    await signIn(page, KEY);
    await requestsHeading(page).waitFor();
    await rowOf(page, id).waitFor();
    await look(page, "requests");
    await rowOf(page, id).getByRole("link").click();
    await checkRequestPage(page, id);
    await look(page, "request");
    await go(page, "Requests");
    await rowOf(page, retried).getByText("retried", { exact: true }).waitFor();
    await rowOf(page, retried).getByRole("link").click();
    await page.getByTestId("attempt").nth(1).waitFor();
    assert.deepEqual(await page.getByTestId("attempt").allInnerTexts().then((texts) => texts.map((text) => /\b\d{3}\b/.exec(text)?.[0])), ["503", "200"]);
    await page.getByRole("region", { name: "Prompt" }).getByText("Input name").waitFor();
    assert.equal(await fact(page, "Input name"), "Ada");
    await look(page, "attempts");
    await go(page, "API keys");
    await page.getByRole("switch", { name: /^Show revoked keys/ }).click();
    await look(page, "keys");
    await button(page, "Create key").click();
    await look(page, "create-key");
    await page.getByRole("dialog").getByLabel("Name").fill("batch jobs");
    await page.keyboard.press("Enter");
    await page.getByTestId("new-key").waitFor();
    await look(page, "new-key");
    await button(page, "Revoke batch jobs").click();
    await look(page, "revoke-key");
    await button(page, "Revoke key").click();
    await announced(page, "is revoked");
    assert.equal(await page.getByTestId("new-key").count(), 0, "a revoked key needs no copy");
    await go(page, "Providers and domains");
    await page.locator("[data-domain]").first().waitFor();
    await page.getByRole("row", { name: /Anthropic/ }).waitFor();
    await look(page, "providers");
    await button(page, "Add a domain").click();
    await look(page, "add-domain");
    await page.keyboard.press("Escape");
    await go(page, "Cache");
    await page.getByTestId("cache-figures").waitFor();
    await look(page, "cache");
    await go(page, "Rate limits");
    await page.locator("[data-rule]").waitFor();
    await look(page, "limits");
    await button(page, "Add rate limit").click();
    await look(page, "add-limit");
    await page.keyboard.press("Escape");
    await go(page, "Vault");
    await page.locator("[data-proxy-key]").waitFor();
    await look(page, "vault");
    await button(page, "Make a proxy key for production").click();
    await look(page, "make-proxy-key");
    await page.keyboard.press("Escape");
    await go(page, "Webhooks");
    await page.locator("[data-webhook]").waitFor();
    await look(page, "webhooks");
    await button(page, "Add webhook").click();
    await look(page, "add-webhook");
    await page.keyboard.press("Escape");
    await go(page, "Audit");
    await page.locator("tbody tr").first().waitFor();
    await look(page, "audit");
    check();
  }

  for (const colorScheme of ["light", "dark"]) {
    test(`axe finds nothing serious, ${colorScheme}`, (t) => visit(t, { colorScheme }, checkAccessible));
  }

  for (const width of [390, 1440]) {
    test(`fits a width of ${width} pixels`, (t) =>
      visit(t, { viewport: { width, height: 900 } }, async (page, name) => {
        const folder = process.env.SCREENSHOT_DIR ?? setting.directory;
        await page.screenshot({ path: join(folder, `${name}-${width}.png`), fullPage: true });
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width, name);
      }));
  }
});
