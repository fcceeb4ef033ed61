// The dashboard in a real browser: from the key to both bodies of a call.

import { strict as assert } from "node:assert";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { checkAccessible, launch, openPage, signIn } from "./browser.js";
import { KEY, start } from "./processes.js";
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

describe("on every page", () => {
  let setting;
  let id;
  before(async () => {
    setting = await start();
    id = await call(setting.gatehouse, "ada", STREAM);
  });
  after(() => setting?.stop());

  /** Visits the three pages in test `t` and calls `look` with each and its name. */
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
