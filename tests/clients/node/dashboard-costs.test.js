// The dashboard in a real browser: what calls cost, and the prices behind it.

import { strict as assert } from "node:assert";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { checkAccessible, launch, openPage, signIn } from "./browser.js";
import { announced, ask, becomes, button, call, COST, fact, forgive, go, openRequest, openRequests, reads, startSignedIn } from "./dashboard.js";
import { KEY, start, until } from "./processes.js";

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

const models = (page) => page.getByTestId("cost-models").locator("tbody");

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
  await reads(figures, /Cost\s+\$0\.00045\s+at least: 2 calls are not in it[^]*Calls\s+3[^]*Calls without a cost\s+2[^]*2 · no price is known/);
  await reads(models(page), /OPENAI\s+2\s+2,000 \/ 1,000\s+2\s+—/);

  await button(page, `Set price of ${served}`).click();
  const dialog = page.getByRole("dialog", { name: "Set a price" });
  assert.equal(await dialog.getByLabel("Provider").inputValue(), "OPENAI");
  assert.equal(await dialog.getByLabel("Models").inputValue(), served);
  await dialog.getByLabel("Input", { exact: true }).fill("two");
  await button(dialog, "Set price").click();
  await dialog.getByRole("alert").getByText("is not a decimal").waitFor();
  assert.ok(await dialog.getByLabel("Input", { exact: true }).getAttribute("aria-invalid"));
  await forgive(complaints, 400);
  await dialog.getByLabel("Input", { exact: true }).fill("2");
  await dialog.getByLabel("Output", { exact: true }).fill("10");
  await button(dialog, "Set price").click();
  await announced(page, `The price of ${served} is set`);
  await page.locator(`[data-price="${served}"]`).getByRole("cell", { name: "Input $2, Output $10 per million tokens" }).waitFor();

  await button(page, "Re-price earlier calls").click();
  await becomes(() => page.getByLabel("Model contains").inputValue(), served, "the model is filled in");
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
  await reads(figures, /Cost\s+\$0\.0144/);
  await page.getByTestId("unpriced").waitFor({ state: "detached" });

  await go(page, "Requests");
  await openRequest(page, novel);
  const derivation = page.getByRole("region", { name: "How the cost comes about" });
  await derivation.getByText("1,000 × $2 per million tokens").waitFor();
  await reads(derivation, /Input\s+\$0\.002\s[^]*Output\s+\$0\.005\s[^]*Sum\s+\$0\.007\s[^]*a price of your own/);
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
  await forgive(complaints, 400);
  await choose(`date,model,amount_usd\n${day},${row.model},0.00045\n${day},Fine-tuning,1.5\n`);
  await button(region, "Compare").click();
  const drift = region.getByTestId("drift");
  await drift.getByText("Only the provider names: Fine-tuning.").waitFor();
  const rows = await drift.locator("tbody tr").allInnerTexts();
  assert.match(rows[0], /Fine-tuning\s+\$1\.50\s+—[^]*only at the provider/);
  assert.match(rows[1], new RegExp(`\\${COST}\\s+\\${COST}\\s+agrees\\s+0 %`));
  check();
});

describe("on the page of costs", () => {
  let setting;
  let novel;
  before(async () => {
    setting = await start();
    const { gatehouse } = setting;
    [novel] = await callAll(gatehouse, 2, NOVEL);
    await callAll(gatehouse, 3);
    const prices = { input: "0.5", output: "1.5", request: "0.01" };
    await ask(gatehouse, "POST", "/v1/cost/overrides", { provider: "api.acme.ai", models: ["acme-small*"], from: "2026-01-01", above_input_tokens: 200_000, prices });
    await ask(gatehouse, "POST", "/v1/cost/reprice", { filter: "all", dry_run: true });
  });
  after(() => setting?.stop());

  /** Visits the pages in test `t` and calls `look` with each and its name. */
  async function visit(t, options, look) {
    const { page, check } = await openPage(browser, setting.gatehouse.api, options);
    t.after(() => page.context().close());
    await signIn(page, KEY);
    await openRequests(page);
    await openRequest(page, novel);
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
    await page.getByRole("dialog").waitFor();
    await look(page, "set-price");
    await page.getByRole("dialog").getByText("Further units").click();
    await page.getByRole("dialog").getByText("Conditions").click();
    await look(page, "set-price-whole");
    await page.keyboard.press("Escape");
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
