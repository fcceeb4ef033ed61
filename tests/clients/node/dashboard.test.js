// The dashboard in a real browser: from the key to both bodies of a call, and what is managed beside the log.

import { strict as assert } from "node:assert";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { checkAccessible, launch, openPage, signIn } from "./browser.js";
import {
  announced,
  ANSWER,
  ask,
  becomes,
  button,
  call,
  callRetried,
  checkRequestPage,
  chooseOfAccount,
  COST,
  fact,
  forgive,
  go,
  openRequest,
  openRequests,
  QUESTION,
  responseBody,
  rowOf,
  startSignedIn,
  statusWith,
  STREAM,
} from "./dashboard.js";
import { Nameserver } from "./nameserver.js";
import { KEY, start, until } from "./processes.js";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

test("from a wrong key to a call that appears by itself and opens by mouse and by keyboard", async (t) => {
  const { gatehouse, stop } = await start();
  t.after(stop);
  const { page, complaints, check } = await openPage(browser, gatehouse.api);
  t.after(() => page.context().close());

  await signIn(page, "sk-helicone-wrongaa-bbbbbbb-ccccccc-ddddddd");
  await page.getByRole("alert").getByText("This key is not known here").waitFor();
  await forgive(complaints, 401);

  await signIn(page, KEY);
  await page.getByRole("heading", { name: "No requests yet" }).waitFor();
  await openRequests(page);
  await page.getByRole("heading", { name: "No requests yet" }).waitFor();
  await page.evaluate(() => (globalThis.loadedOnce = true));

  const id = await call(gatehouse, "ada");
  const row = rowOf(page, id);
  await row.waitFor();
  assert.ok(await page.evaluate(() => globalThis.loadedOnce), "the page was not loaded again");
  const cells = await row.locator("td").allInnerTexts();
  for (const text of ["gpt-4o-mini-2024-07-18", QUESTION, ANSWER, COST, "ada"]) assert.ok(cells.includes(text), `${text} in ${cells}`);
  assert.match(cells.join(" "), /200.*1,000 \/ 500/s);

  await row.getByText("gpt-4o-mini-2024-07-18").click();
  const panel = page.getByRole("complementary", { name: "Request" });
  await panel.getByText(ANSWER, { exact: true }).waitFor();
  assert.equal(new URL(page.url()).searchParams.get("open"), id);
  await page.keyboard.press("o");
  await checkRequestPage(page, id);

  await page.goBack();
  await panel.waitFor();
  await page.keyboard.press("Escape");
  await panel.waitFor({ state: "detached" });
  const second = await call(gatehouse, "grace", STREAM);
  await rowOf(page, second).waitFor();
  // Who comes back finds the focus on the row that was open; the newer one stands above it.
  await page.keyboard.press("k");
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.searchParams.get("open") === second);
  await panel.getByText(QUESTION, { exact: true }).waitFor();
  await page.keyboard.press("o");
  await checkRequestPage(page, second);
  await responseBody(page).getByText("Finish reason: stop").waitFor();
  assert.doesNotMatch(await responseBody(page).innerText(), /data:/);
  await page.getByRole("group", { name: "View of the response body" }).getByText("Raw").click();
  await responseBody(page).getByText("data: [DONE]").waitFor();

  await chooseOfAccount(page, "Sign out");
  await page.getByRole("heading", { name: "Sign in to Gatehouse" }).waitFor();
  check();
});

test("a key is made, shown once, used, renamed and revoked", async (t) => {
  const { gatehouse, page, complaints, check } = await startSignedIn(browser, t);
  await go(page, "API keys");
  await button(page, "Create the first key").click();
  const dialog = page.getByRole("dialog", { name: "Create an API key" });
  await dialog.getByLabel("Name").fill("  ");
  await button(dialog, "Create key").click();
  await dialog.getByRole("alert").getByText("This must be a text of 1 to 200 characters").waitFor();
  await forgive(complaints, 400);
  await dialog.getByLabel("Name").fill("checkout");
  await button(dialog, "Create key").click();

  await page.getByRole("heading", { name: "Copy the key “checkout” now" }).waitFor();
  await announced(page, "The key “checkout” is made");
  const key = await page.getByTestId("new-key").innerText();
  assert.ok((await page.getByRole("region", { name: "first call with this key" }).innerText()).includes(key));
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await button(page, "Copy key").click();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), key);
  await until(async () => (await statusWith(gatehouse, key)) === 200, 10_000, "the key is accepted");
  await button(page, "I have stored it").click();
  await page.getByTestId("new-key").waitFor({ state: "detached" });
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
  await becomes(() => page.evaluate(() => document.activeElement.getAttribute("aria-label")), "Revoke checkout, production", "the focus is back");
  assert.equal(await statusWith(gatehouse, key), 200);
  await page.keyboard.press("Enter");
  await button(page, "Revoke key").click();
  await announced(page, "is revoked");
  await until(async () => (await statusWith(gatehouse, key)) === 401, 10_000, "the revoked key is refused");

  await becomes(() => page.locator("[data-key]").count(), 1, "one key is left in the list");
  // The button that had the focus has gone with its row.
  await becomes(() => page.evaluate(() => document.activeElement.id), "main", "the focus is in the page's content");
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
  const { page, complaints, check } = await startSignedIn(browser, t, { nameserver: nameserver.address });
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
  await forgive(complaints, 400, 409);
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
  await forgive(complaints, 503);
  nameserver.records.set("llm.example.com", "hconeai-verification=true");
  await verify.click();
  await announced(page, "llm.example.com is approved");
  await domain.getByText("Approved by its TXT record").waitFor();
  await domain.locator("dl").waitFor({ state: "detached" });

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
  const { gatehouse, page, complaints, check } = await startSignedIn(browser, t);
  await go(page, "Providers and domains");
  const denied = page.getByRole("region", { name: "Denied hosts" });
  await denied.getByLabel("Host to deny").fill("*.openai.com");
  await button(denied, "Add").click();
  await announced(page, "*.openai.com is denied now");
  await until(async () => (await statusWith(gatehouse, KEY)) === 403, 10_000, "the host is refused");
  await denied.getByLabel("Host to deny").fill("*.openai.com");
  await button(denied, "Add").click();
  await denied.getByRole("alert").getByText("already").waitFor();
  await forgive(complaints, 409);
  await button(denied, "Remove *.openai.com").click();
  await announced(page, "*.openai.com is no longer in the list");
  await until(async () => (await statusWith(gatehouse, KEY)) === 200, 10_000, "the host is called again");

  const providers = page.getByRole("region", { name: "Known providers" });
  await providers.getByLabel("Search providers").fill("anthropic");
  await providers.getByRole("row", { name: /Anthropic/ }).getByRole("cell", { name: "api.anthropic.com" }).waitFor();
  await providers.getByRole("row", { name: /Together/ }).waitFor({ state: "detached" });

  for (let number = 0; number < 50; number += 1) {
    await ask(gatehouse, "POST", "/v1/host-rules", { pattern: `host-${number}.example.com`, effect: "deny" });
  }
  await go(page, "Audit");
  const entries = page.locator("tbody tr");
  await entries.first().getByRole("cell", { name: "deny host-49.example.com" }).waitFor();
  await becomes(() => entries.count(), 50, "a page of entries");
  await button(page, "Load more").click();
  await entries.nth(50).waitFor();
  const oldest = await entries.allInnerTexts().then((rows) => rows.slice(-3).join("\n"));
  assert.match(oldest, /bootstrap\s+Removed host rule[^]*bootstrap\s+Added host rule[^]*The server\s+Created key\s+bootstrap/);
  await button(page, "Load more").waitFor({ state: "detached" });
  check();
});

test("who may only read sees why there is nothing to press", async (t) => {
  const readOnly = async (gatehouse) => (await ask(gatehouse, "POST", "/v1/api-keys", { api_key_name: "auditor", key_permissions: "r" })).apiKey;
  const { page, check } = await startSignedIn(browser, t, { key: readOnly });
  const main = page.getByRole("main");
  const note = main.getByRole("note").getByText("“auditor”, a key that may only read");
  for (const name of ["API keys", "Vault", "Audit"]) {
    await go(page, name);
    await note.waitFor();
    await main.getByText("Reading…").first().waitFor({ state: "detached" });
    assert.equal(await main.getByRole("button").count(), 0, name);
  }
  for (const [name, text] of [["Costs", "None is set"], ["Rate limits", "No rate limits yet"], ["Webhooks", "No webhooks yet"]]) {
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
    await openRequests(page);
    await rowOf(page, id).waitFor();
    await look(page, "requests");
    await openRequest(page, id);
    await checkRequestPage(page, id);
    await look(page, "request");
    await go(page, "Requests");
    await rowOf(page, retried).getByText("retried", { exact: true }).waitFor();
    await openRequest(page, retried);
    await page.getByTestId("attempt").nth(1).waitFor();
    assert.deepEqual(await page.getByTestId("attempt").allInnerTexts().then((texts) => texts.map((text) => /\b\d{3}\b/.exec(text)?.[0])), ["503", "200"]);
    await page.getByRole("region", { name: "Prompt" }).getByText("Input name").waitFor();
    assert.equal(await fact(page, "Input name"), "Ada");
    await look(page, "attempts");
    await go(page, "API keys");
    await page.getByRole("switch", { name: /^Show revoked keys/ }).click();
    await look(page, "keys");
    await button(page, "Create key").click();
    await page.getByRole("dialog").waitFor();
    await look(page, "create-key");
    await page.getByRole("dialog").getByLabel("Name").fill("batch jobs");
    await page.keyboard.press("Enter");
    await page.getByTestId("new-key").waitFor();
    await look(page, "new-key");
    await button(page, "Revoke batch jobs").click();
    await button(page, "Revoke key").waitFor();
    await look(page, "revoke-key");
    await button(page, "Revoke key").click();
    await announced(page, "is revoked");
    // A revoked key needs no copy.
    await page.getByTestId("new-key").waitFor({ state: "detached" });
    await go(page, "Providers and domains");
    await page.locator("[data-domain]").first().waitFor();
    await page.getByRole("row", { name: /Anthropic/ }).waitFor();
    await look(page, "providers");
    await button(page, "Add a domain").click();
    await page.getByRole("dialog").waitFor();
    await look(page, "add-domain");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await go(page, "Cache");
    await page.getByTestId("cache-figures").waitFor();
    await look(page, "cache");
    await go(page, "Rate limits");
    await page.locator("[data-rule]").waitFor();
    await look(page, "limits");
    await button(page, "Add rate limit").click();
    await page.getByRole("dialog").waitFor();
    await look(page, "add-limit");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await go(page, "Vault");
    await page.locator("[data-proxy-key]").waitFor();
    await look(page, "vault");
    await button(page, "Make a proxy key for production").click();
    await page.getByRole("dialog").waitFor();
    await look(page, "make-proxy-key");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await go(page, "Webhooks");
    await page.locator("[data-webhook]").waitFor();
    await look(page, "webhooks");
    await button(page, "Add webhook").click();
    await page.getByRole("dialog").waitFor();
    await look(page, "add-webhook");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
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
