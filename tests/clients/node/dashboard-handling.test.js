// The dashboard in a real browser: what the gateway does with calls, and what it is told about that.

import { strict as assert } from "node:assert";
import { after, before, test } from "node:test";
import { launch } from "./browser.js";
import {
  announced,
  ANSWER,
  ask,
  atRequest,
  becomes,
  button,
  CHAT,
  COST,
  fact,
  forgive,
  go,
  openRequest,
  reads,
  requestsHeading,
  responseBody,
  rowOf,
  startSignedIn,
  statusWith,
  statusWithProxyKey,
  USAGE,
} from "./dashboard.js";
import { KEY, until } from "./processes.js";
import { gatewayClient } from "./routes.js";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

test("a second call is answered from the cache, and the dashboard says what that saved", async (t) => {
  const { gatehouse, page, check } = await startSignedIn(browser, t);
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
  await rowOf(page, original).waitFor();
  assert.equal(await rowOf(page, original).getByText("cached", { exact: true }).count(), 0);

  await button(page, "Filter").click();
  await page.getByRole("combobox", { name: "Filter by" }).fill("answered by the cache");
  await page.keyboard.press("Enter");
  await button(page, "Add").click();
  await rowOf(page, original).waitFor({ state: "detached" });
  await openRequest(page, hit);
  await responseBody(page).getByText(ANSWER).waitFor();
  const shown = await Promise.all(["Cost", "Cost status", "Cost saved", "Tokens in saved", "Tokens out saved"].map((name) => fact(page, name)));
  assert.deepEqual(shown, ["$0", "cached", COST, "1,000", "500"]);

  // While the other request is read, nothing of this one stands under its address.
  let read;
  const reading = new Promise((resolve) => (read = resolve));
  await page.route(`**/v1/request/${original}?*`, (route) => reading.then(() => route.continue()));
  await page.getByRole("link", { name: original.slice(0, 8) }).click();
  await page.waitForURL(`**/requests/${original}`);
  await page.getByRole("main").getByText("Reading…").waitFor();
  assert.ok(!(await page.getByRole("main").innerText()).includes(hit));
  read();
  await atRequest(page, original);
  await responseBody(page).getByText(ANSWER).waitFor();
  assert.deepEqual(await Promise.all(["Cost", "Cache"].map((name) => fact(page, name))), [COST, "miss"]);

  await go(page, "Cache");
  await rowOf(page, hit).waitFor();
  await reads(page.getByTestId("cache-figures"), /Hits\s+1\s+Misses\s+1\s+Hit rate\s+50 %\s+Cost saved\s+\$0\.00045/);
  check();
});

test("a rate limit is built from its fields, holds, is switched off and removed", async (t) => {
  const { gatehouse, page, check } = await startSignedIn(browser, t);
  await go(page, "Rate limits");
  const header = page.getByRole("region", { name: "call with a limit" });
  await reads(header, /Helicone-RateLimit-Policy: 1000;w=3600;s=user/);
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

  await page.getByRole("link", { name: "Show in Requests" }).click();
  await requestsHeading(page).waitFor();
  await page.locator("tbody tr").getByText("limited", { exact: true }).first().waitFor();
  await page.locator("tbody tr", { hasText: "limited" }).first().getByRole("link").first().click();
  await page.getByRole("tab", { name: "Details" }).click();
  assert.equal(await fact(page, "Rate limit"), "refused");
  check();
});

test("a provider's key is stored, and a proxy key for it is made, used and revoked", async (t) => {
  const { gatehouse, double, page, complaints, check } = await startSignedIn(browser, t);
  const secret = "sk-kept-in-the-vault";
  await go(page, "Vault");
  await button(page, "Store key").click();
  const dialog = page.getByRole("dialog", { name: "Store a provider's key" });
  await dialog.getByLabel("Provider").fill("nobody");
  await dialog.getByLabel("Name").fill("production");
  await dialog.getByLabel("Key", { exact: true }).fill(secret);
  await button(dialog, "Store key").click();
  await dialog.getByRole("alert").getByText("the provider is none that is known here").waitFor();
  await forgive(complaints, 400);
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
  const shownOnce = page.getByTestId("new-proxy-key");
  const key = await shownOnce.innerText();
  assert.ok((await page.getByRole("region", { name: "first call with this proxy key" }).innerText()).includes(key));
  const status = () => statusWithProxyKey(gatehouse, key);
  await until(async () => (await status()) === 200, 10_000, "the proxy key is accepted");
  const [received] = (await double.requests()).slice(-1);
  assert.ok(JSON.stringify(received.headers).includes(secret), "the provider gets its own key");
  await button(page, "I have stored it").click();
  await shownOnce.waitFor({ state: "detached" });
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
  const { page, complaints, check } = await startSignedIn(browser, t);
  await go(page, "Webhooks");
  await button(page, "Add the first webhook").click();
  const dialog = page.getByRole("dialog", { name: "Add a webhook" });
  await dialog.getByLabel("Destination").fill("https://10.0.0.1/hook");
  await button(dialog, "Add webhook").click();
  await dialog.getByRole("alert").getByText("must be a public URL").waitFor();
  await forgive(complaints, 400);
  await dialog.getByLabel("Destination").fill("https://hooks.example.com/gatehouse");
  await dialog.getByLabel("Sample in per cent").fill("12.5");
  await dialog.getByLabel("Only calls with a property (optional)").fill("environment=production");
  await button(dialog, "Add webhook").click();
  await announced(page, "The webhook is made");
  const shownOnce = page.getByTestId("new-webhook-key");
  const key = await shownOnce.innerText();
  await button(page, "I have stored it").click();
  await shownOnce.waitFor({ state: "detached" });
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
  const { gatehouse, page, check } = await startSignedIn(browser, t);
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
  await becomes(() => page.locator("[data-letter]").count(), 0, "no delivery is left");
  check();
});
