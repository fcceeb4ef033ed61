// The dashboard in a real browser: how calls are read of an API that no reader knows.

import { strict as assert } from "node:assert";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { checkAccessible, launch, openPage, signIn } from "./browser.js";
import { announced, ask, button, fact, go, openRequest, openRequests, rowOf, startSignedIn } from "./dashboard.js";
import { KEY, start, until } from "./processes.js";
import { callUnknown, startUnknownApi, turn, UNKNOWN_HOST, UNKNOWN_MODEL } from "./unknown-api.js";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

/** Starts everything, beside an API that nobody knows, called `count` times. */
async function startUnknown(t, count) {
  const api = await startUnknownApi();
  t.after(api.stop);
  const opened = await startSignedIn(browser, t, { plain: api.plain });
  const ids = [];
  for (let number = 0; number < count; number += 1) ids.push(await callUnknown(opened.gatehouse, KEY, number));
  return { ...opened, ids };
}

const mapperIn = async (gatehouse) => (await ask(gatehouse, "GET", "/v1/mappers")).data[0];

test("an unknown API is mapped, approved, and its calls are read", async (t) => {
  const { gatehouse, page, check, ids } = await startUnknown(t, 20);
  const [first] = ids;
  await until(async () => (await mapperIn(gatehouse))?.inferred_at, 20_000, "a mapping is inferred");
  const { id } = await mapperIn(gatehouse);

  await go(page, "Mappers");
  await page.locator("[data-mapper]").getByRole("link", { name: UNKNOWN_HOST }).click();
  await page.getByRole("heading", { level: 1, name: UNKNOWN_HOST }).waitFor();
  await button(page, "Infer now").click();
  await announced(page, "A mapping is inferred of the newest calls next");
  await until(async () => (await mapperIn(gatehouse)).sample_count === 20, 20_000, "all calls are looked at");
  const text = page.locator('[data-field="text"]');
  await text.waitFor();
  if (!(await text.evaluate((element) => element.open))) await text.locator("summary").click();
  await text.locator("mark").first().waitFor();
  const marks = await text.locator("mark").allInnerTexts();
  assert.ok(ids.some((_, number) => marks.includes(turn(number).answer)), `an answer in ${marks}`);

  await button(page, "Approve").click();
  await announced(page, "is in force; stored calls are read by it");
  assert.equal((await mapperIn(gatehouse)).status, "ACTIVE");
  await until(async () => (await gatehouse.row(first)).usage_source === "mapped", 20_000, "the first call is read");

  await go(page, "Requests");
  await rowOf(page, first).getByText(UNKNOWN_MODEL).waitFor();
  await openRequest(page, first);
  const { tokens_in: input, tokens_out: output } = turn(0).answered.accounting;
  assert.deepEqual(await Promise.all(["Tokens in", "Tokens out"].map((name) => fact(page, name))), [input, output].map(String));
  await page.getByRole("link", { name: /^by version \d+ of a mapping$/ }).click();
  await page.waitForURL(`**/mappers/${id}`);

  const pointed = page.locator('[data-field="model"]');
  if (!(await pointed.evaluate((element) => element.open))) await pointed.locator("summary").click();
  await pointed.getByLabel("Another place").check();
  await pointed.getByLabel("Place of: Model asked for").fill("/dialogue/0/speaker");
  await button(page, "Approve").click();
  await announced(page, "is in force; stored calls are read by it");
  const settled = page.locator('[data-field="model"]');
  await settled.getByText("Settled by you").waitFor();
  const { active_version: active } = await mapperIn(gatehouse);
  const version = page.locator(`[data-version="${active}"]`);
  await version.getByText("Document").click();
  await version.getByText("/dialogue/0/speaker").waitFor();

  await button(page, `Roll back to version ${active - 1}`).click();
  await announced(page, `Version ${active - 1} is in force again`);
  await button(page, "Decline").click();
  await button(page, "Decline version").click();
  await announced(page, "is declined");
  await button(page, "Remove").click();
  await button(page, "Remove mapper").click();
  await announced(page, `The mapper of ${UNKNOWN_HOST} is removed`);
  await page.getByRole("heading", { name: "No mappers, and none needed" }).waitFor();
  check();
});

test("a call that waits for a mapping says so, in the list and on its page", async (t) => {
  const { gatehouse, page, check, ids } = await startUnknown(t, 1);
  await until(() => mapperIn(gatehouse), 10_000, "a mapper is made");
  await rowOf(page, ids[0]).getByText("pending mapping", { exact: true }).waitFor();
  await openRequest(page, ids[0]);
  await page.getByRole("link", { name: "Model is pending mapping" }).click();
  await page.locator("[data-mapper]").getByText("Model is pending mapping").waitFor();
  await page.getByRole("link", { name: UNKNOWN_HOST }).click();
  await page.getByRole("heading", { level: 2, name: "Model is pending mapping" }).waitFor();
  check();
});

describe("on the pages of mappers", () => {
  let setting;
  let api;
  let pending;
  before(async () => {
    api = await startUnknownApi();
    setting = await start({ plain: api.plain });
    const { gatehouse } = setting;
    for (let number = 0; number < 20; number += 1) await callUnknown(gatehouse, KEY, number);
    await until(async () => (await mapperIn(gatehouse))?.inferred_at, 20_000, "a mapping is inferred");
    pending = await callUnknown(gatehouse, KEY, 20, "/v1/turns/of/a/kind");
  });
  after(async () => {
    await setting?.stop();
    await api?.stop();
  });

  /** Visits the pages in test `t` and calls `look` with each and its name. */
  async function visit(t, options, look) {
    const { page, check } = await openPage(browser, setting.gatehouse.api, options);
    t.after(() => page.context().close());
    await signIn(page, KEY);
    await openRequests(page);
    await rowOf(page, pending).getByText("pending mapping", { exact: true }).waitFor();
    await look(page, "requests-pending");
    await go(page, "Mappers");
    await page.locator("[data-mapper]").nth(1).waitFor();
    await look(page, "mappers");
    await page.locator("[data-mapper]").first().getByRole("link").click();
    await page.locator("[data-field]").first().waitFor();
    await page.locator("[data-field]").evaluateAll((fields) => fields.forEach((field) => (field.open = true)));
    await page.getByText("Point at fields").click();
    await page.getByText("Document").first().click();
    await look(page, "mapper");
    check();
  }

  for (const colorScheme of ["light", "dark"]) {
    test(`axe finds nothing serious, ${colorScheme}`, (t) => visit(t, { colorScheme }, checkAccessible));
    for (const width of [390, 1280]) {
      test(`fits a width of ${width} pixels, ${colorScheme}`, (t) =>
        visit(t, { colorScheme, viewport: { width, height: 900 } }, async (page, name) => {
          const folder = process.env.SCREENSHOT_DIR ?? setting.directory;
          await page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`), fullPage: true });
          assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width, name);
        }));
    }
  }
});
