// The dashboard in a real browser: what calls cost, and how calls are read that no reader knows.

import { strict as assert } from "node:assert";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { checkAccessible, launch, openPage, signIn } from "./browser.js";
import { announced, ask, button, call, COST, fact, forgive, go, requestsHeading, rowOf, startSignedIn } from "./dashboard.js";
import { KEY, start, until } from "./processes.js";
import { callUnknown, startUnknownApi, turn, UNKNOWN_HOST, UNKNOWN_MODEL } from "./unknown-api.js";

// A call that the double answers with 1,000 and 500 tokens, of a model that no list of prices has.
const NOVEL = { model: "acme-large", messages: [{ role: "user", content: "Say hello." }] };
const FIGURES = "cost-figures";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

/** Makes calls and waits until they are logged. */
async function callAll(gatehouse, count, body) {
  const ids = [];
  for (let number = 0; number < count; number += 1) ids.push(await call(gatehouse, "ada", body));
  for (const id of ids) await until(() => gatehouse.row(id), 10_000, "the call is logged");
  return ids;
}

const rowsOf = (page) => page.getByTestId("cost-models").locator("tbody tr").allInnerTexts();

test("a model without a price gets one, its calls are priced anew, and the total says so", async (t) => {
  const { gatehouse, page, complaints, check } = await startSignedIn(browser, t);
  await go(page, "Costs");
  await page.getByRole("heading", { name: "No calls in this time" }).waitFor();
  await callAll(gatehouse, 1);
  const [novel] = await callAll(gatehouse, 2, NOVEL);
  await page.reload();
  const figures = page.getByTestId(FIGURES);
  await figures.getByText("no price is known for this model").waitFor();
  const served = (await gatehouse.row(novel)).model;
  assert.match(await figures.innerText(), /Cost\s+\$0\.00045\s+at least: 2 calls are not in it[^]*Calls\s+3[^]*Calls without a cost\s+2[^]*2 · no price is known/);
  assert.match((await rowsOf(page)).join("\n"), /OPENAI\s+2\s+2,000 \/ 1,000\s+2\s+—/);

  await button(page, `Set price of ${served}`).click();
  const dialog = page.getByRole("dialog", { name: "Set a price" });
  assert.equal(await dialog.getByLabel("Provider").inputValue(), "OPENAI");
  assert.equal(await dialog.getByLabel("Models").inputValue(), served);
  await dialog.getByLabel("Input", { exact: true }).fill("two");
  await button(dialog, "Set price").click();
  await dialog.getByRole("alert").getByText("is not a decimal").waitFor();
  assert.ok(await dialog.getByLabel("Input", { exact: true }).getAttribute("aria-invalid"));
  forgive(complaints, 400);
  await dialog.getByLabel("Input", { exact: true }).fill("2");
  await dialog.getByLabel("Output", { exact: true }).fill("10");
  await button(dialog, "Set price").click();
  await announced(page, `The price of ${served} is set`);
  await page.locator(`[data-price="${served}"]`).getByRole("cell", { name: "Input $2, Output $10 per million tokens" }).waitFor();

  await button(page, "Re-price earlier calls").click();
  assert.equal(await page.getByLabel("Model contains").inputValue(), served);
  await button(page, "Try it out").click();
  const panel = page.getByTestId("repricing");
  await panel.getByText("2 of 2 calls looked at, 2 would change.").waitFor();
  await panel.getByText("would go from $0 to $0.014").waitFor();
  // A trial changes nothing, and speaks for nothing else.
  await figures.getByText("$0.00045").waitFor();
  await page.getByLabel("Which").selectOption("calls that lack a price");
  await button(page, "Re-price 2 calls").waitFor({ state: "detached" });
  await button(page, "Try it out").click();
  await button(page, "Re-price 2 calls").click();
  await panel.getByText("2 of 2 calls looked at, 2 changed.").waitFor();
  await figures.getByText("The cost of every call is known.").waitFor();
  assert.match(await figures.innerText(), /Cost\s+\$0\.0144/);
  assert.equal(await page.getByTestId("unpriced").count(), 0);

  await go(page, "Requests");
  await rowOf(page, novel).getByRole("link").click();
  await page.waitForURL(`**/requests/${novel}`);
  const derivation = page.getByRole("region", { name: "How the cost comes about" });
  await derivation.getByText("1,000 × $2 per million tokens").waitFor();
  assert.match(await derivation.innerText(), /Input\s+\$0\.002\s[^]*Output\s+\$0\.005\s[^]*Sum\s+\$0\.007\s[^]*a price of your own/);
  assert.deepEqual(await Promise.all(["Cost", "Cost status", "Usage source"].map((name) => fact(page, name))), ["$0.007", "priced", "provider"]);

  await go(page, "Costs");
  await button(page, `Edit the price of ${served}`).click();
  const change = page.getByRole("dialog", { name: "Change the price" });
  await change.getByLabel("Output", { exact: true }).fill("12");
  await button(change, "Change price").click();
  await page.locator(`[data-price="${served}"]`).getByRole("cell", { name: /Output \$12/ }).waitFor();
  await button(page, `Remove the price of ${served}`).click();
  await button(page, "Remove price").click();
  await page.getByText("None is set").waitFor();
  check();
});

test("a provider's export is laid beside what was computed", async (t) => {
  const { gatehouse, page, complaints, check } = await startSignedIn(browser, t);
  const [id] = await callAll(gatehouse, 1);
  const row = await gatehouse.row(id);
  const day = row.request_created_at.slice(0, 10);
  await go(page, "Costs");
  const region = page.getByRole("region", { name: "Reconcile" });
  await button(region, "Compare").click();
  await region.getByRole("alert").getByText("Choose the file").waitFor();
  const choose = (text) => region.getByLabel("Export").setInputFiles({ name: "costs.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
  await region.getByLabel("Provider").fill("OPENAI");
  await choose("date,model,amount_usd\nyesterday,gpt,1\n");
  await button(region, "Compare").click();
  await region.getByRole("alert").getByText("column date").waitFor();
  forgive(complaints, 400);
  await choose(`date,model,amount_usd\n${day},${row.model},0.00045\n${day},Fine-tuning,1.5\n`);
  await button(region, "Compare").click();
  const drift = region.getByTestId("drift");
  await drift.getByText("Only the provider names: Fine-tuning.").waitFor();
  const rows = await drift.locator("tbody tr").allInnerTexts();
  assert.match(rows[0], /Fine-tuning\s+\$1\.50\s+—[^]*only at the provider/);
  assert.match(rows[1], new RegExp(`\\${COST}\\s+\\${COST}\\s+agrees\\s+0 %`));
  check();
});

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
  await rowOf(page, first).getByRole("link").click();
  await page.waitForURL(`**/requests/${first}`);
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
  await rowOf(page, ids[0]).getByRole("link").click();
  await page.waitForURL(`**/requests/${ids[0]}`);
  await page.getByRole("link", { name: "Model is pending mapping" }).click();
  await page.locator("[data-mapper]").getByText("Model is pending mapping").waitFor();
  await page.getByRole("link", { name: UNKNOWN_HOST }).click();
  await page.getByRole("heading", { level: 2, name: "Model is pending mapping" }).waitFor();
  check();
});

describe("on the pages of costs and mappers", () => {
  let setting;
  let api;
  let novel;
  let pending;
  before(async () => {
    api = await startUnknownApi();
    setting = await start({ plain: api.plain });
    const { gatehouse } = setting;
    [novel] = await callAll(gatehouse, 2, NOVEL);
    await callAll(gatehouse, 3);
    for (let number = 0; number < 20; number += 1) await callUnknown(gatehouse, KEY, number);
    await until(async () => (await mapperIn(gatehouse))?.inferred_at, 20_000, "a mapping is inferred");
    pending = await callUnknown(gatehouse, KEY, 20, "/v1/turns/of/a/kind");
    const prices = { input: "0.5", output: "1.5", request: "0.01" };
    await ask(gatehouse, "POST", "/v1/cost/overrides", { provider: "api.acme.ai", models: ["acme-small*"], from: "2026-01-01", above_input_tokens: 200_000, prices });
    await ask(gatehouse, "POST", "/v1/cost/reprice", { filter: "all", dry_run: true });
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
    await requestsHeading(page).waitFor();
    await rowOf(page, novel).waitFor();
    await rowOf(page, pending).getByText("pending mapping", { exact: true }).waitFor();
    await look(page, "requests-pending");
    await page.goto(`${setting.gatehouse.api}/requests/${novel}`);
    await page.getByText("No cost can be told").waitFor();
    await look(page, "request-without-cost");
    await go(page, "Costs");
    await page.getByTestId(FIGURES).waitFor();
    await page.getByTestId("unpriced").waitFor();
    await page.getByTestId("repricing").waitFor();
    await page.getByText("Figures by day").click();
    await page.getByLabel("Provider", { exact: true }).fill("OPENAI");
    const day = new Date().toISOString().slice(0, 10);
    const buffer = Buffer.from(`date,model,amount_usd\n${day},gpt-4o-mini,0.2\n${day},Fine-tuning,1.5\n`);
    await page.getByLabel("Export").setInputFiles({ name: "costs.csv", mimeType: "text/csv", buffer });
    await button(page, "Compare").click();
    await page.getByTestId("drift").waitFor();
    await look(page, "costs");
    await page.getByRole("button", { name: /^Set price of/ }).first().click();
    await look(page, "set-price");
    await page.getByRole("dialog").getByText("Further units").click();
    await page.getByRole("dialog").getByText("Conditions").click();
    await look(page, "set-price-whole");
    await page.keyboard.press("Escape");
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
