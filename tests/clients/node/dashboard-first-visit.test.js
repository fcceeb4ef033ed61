// From the link that the first start prints to the first logged call, and to its rating: everything by hand, in a browser.

import { strict as assert } from "node:assert";
import { after, before, test } from "node:test";
import { checkAccessible, launch, openPage } from "./browser.js";
import { announced, button, CHAT, checkRequestPage, forgive, go, rowOf, USAGE } from "./dashboard.js";
import { faultsOf, picture } from "./looks.js";
import { start, until } from "./processes.js";
import { gatewayClient } from "./routes.js";

const PASSWORD = "correct horse battery staple";
const PATIENCE_MS = 10_000;

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

test("somebody makes the first account, a key and a call, sees it arrive, and rates it", async (t) => {
  const { gatehouse, stop } = await start();
  t.after(stop);
  const link = new URL(await gatehouse.find(/^\s*sign in\s+(http\S+)$/m));
  const { page, complaints, check } = await openPage(browser, gatehouse.api, { viewport: { width: 1440, height: 900 } });
  t.after(() => page.context().close());
  await page.goto(`${gatehouse.api}${link.pathname}${link.hash}`);
  await page.getByRole("heading", { name: "Welcome to Gatehouse" }).waitFor();
  // The secret of the link does not stay in the address bar.
  await page.waitForURL((url) => url.hash === "");
  await checkAccessible(page);
  await picture(page, "first-visit-1440-light");
  assert.deepEqual(await faultsOf(page), []);
  await page.getByLabel("Name").fill("Ada Lovelace");
  await page.getByLabel("E-mail").fill("ada@example.com");
  await page.getByLabel("Password").fill(PASSWORD);
  await button(page, "Make the account").click();
  await page.getByRole("heading", { name: /first call/i }).waitFor();
  await page.evaluate(() => (globalThis.loadedOnce = true));

  await go(page, "API keys");
  await page.getByRole("button", { name: /^Create/ }).first().click();
  const dialog = page.getByRole("dialog", { name: "Create an API key" });
  await dialog.getByLabel("Name").fill("first application");
  await button(dialog, "Create key").click();
  await announced(page, "The key “first application” is made");
  const key = await page.getByTestId("new-key").innerText();

  await go(page, "Requests");
  const client = gatewayClient(gatehouse, { defaultHeaders: { "Helicone-Auth": `Bearer ${key}` } });
  const { response } = await client.chat.completions.create(CHAT, { headers: { "x-double": USAGE } }).withResponse();
  const id = response.headers.get("helicone-id");
  await rowOf(page, id).waitFor();
  assert.ok(await page.evaluate(() => globalThis.loadedOnce), "the page was not loaded again");
  await page.goto(`${gatehouse.api}/requests/${id}`);
  await checkRequestPage(page, id);
  await page.getByRole("group", { name: "Rating of the answer" }).getByRole("button", { name: "Good" }).click();
  // The new key may only log calls.
  await until(async () => (await gatehouse.row(id))?.feedback_rating === true, PATIENCE_MS, "the API tells the rating");

  await page.getByRole("button", { name: /^Account/ }).first().click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in to Gatehouse" }).waitFor();
  await page.getByLabel("E-mail").fill("ada@example.com");
  await page.getByLabel("Password").fill("not the password at all");
  await button(page, "Sign in").click();
  await page.getByRole("alert").getByText("The e-mail or the password is wrong").waitFor();
  await forgive(complaints, 401);
  await page.getByLabel("Password").fill(PASSWORD);
  await button(page, "Sign in").click();
  await page.getByRole("navigation", { name: "Main" }).waitFor();
  check();
});
