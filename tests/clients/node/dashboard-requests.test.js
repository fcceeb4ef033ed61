// The list of requests and the dashboard in a real browser: filters, columns, what is beside the list, exports, and what new calls do.

import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { checkAccessible, launch } from "./browser.js";
import { announced, ANSWER, ask, becomes, button, call, COST, forgive, go, openRequest, reads, rowOf, startSignedIn } from "./dashboard.js";
import { faultsOf, settle } from "./looks.js";
import { KEY, until } from "./processes.js";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

const parameter = (page, name) => new URL(page.url()).searchParams.get(name);

/** Makes `count` calls of a user, and waits until the last is logged. */
async function callOften(gatehouse, user, count) {
  const ids = [];
  for (let number = 0; number < count; number += 1) ids.push(await call(gatehouse, user));
  await until(() => gatehouse.row(ids.at(-1)), 10_000, "the calls are logged");
  return ids;
}

/** Adds a condition by the button Filter: a field, and one of the values that were common of late. */
async function filterBy(page, field, value) {
  await page.keyboard.press("/");
  await page.getByRole("combobox", { name: "Filter by" }).fill(field);
  await page.keyboard.press("Enter");
  await page.getByRole("list", { name: "Common values" }).getByRole("button", { name: value }).click();
}

test("a filter is built, stands in the address, is kept by name and chosen again", async (t) => {
  const { gatehouse, page, check } = await startSignedIn(browser, t);
  const [ofAda] = await callOften(gatehouse, "ada", 1);
  const [ofGrace] = await callOften(gatehouse, "grace", 1);
  await rowOf(page, ofGrace).waitFor();
  await filterBy(page, "user", "ada");
  await rowOf(page, ofGrace).waitFor({ state: "detached" });
  await rowOf(page, ofAda).waitFor();
  assert.deepEqual(JSON.parse(parameter(page, "filter")), { request_response_rmt: { user_id: { equals: "ada" } } });

  await button(page, "Saved").click();
  await button(page, "Save").click();
  await announced(page, "The filter “User is ada” is saved");
  await page.keyboard.press("Escape");
  await button(page, "Clear").click();
  await rowOf(page, ofGrace).waitFor();
  await button(page, "Saved").click();
  await button(page.getByRole("dialog"), "User is ada").click();
  await rowOf(page, ofGrace).waitFor({ state: "detached" });

  await button(page, "Advanced").click();
  await page.getByRole("group", { name: "Which conditions must hold" }).getByText("Any holds").click();
  await button(page, "Condition").click();
  await page.getByLabel("Field").nth(1).selectOption("User");
  await page.getByLabel("Value of User").nth(1).fill("grace");
  await button(page, "Apply").click();
  await rowOf(page, ofGrace).waitFor();
  assert.equal(JSON.parse(parameter(page, "filter")).operator, "or");
  await button(page, "Saved").click();
  await button(page, "Remove the saved filter User is ada").click();
  await announced(page, "The filter “User is ada” is removed");
  check();
});

test("a call is rated, scored, given a property and made a command of, beside the list", async (t) => {
  const { gatehouse, page, check } = await startSignedIn(browser, t);
  const [older, newer] = await callOften(gatehouse, "ada", 2);
  await rowOf(page, newer).getByText(COST).click();
  const panel = page.getByRole("complementary", { name: "Request" });
  await panel.getByText(ANSWER, { exact: true }).waitFor();
  await panel.getByRole("tab", { name: "Details" }).click();
  await button(panel, "Good").click();
  await announced(page, "Rated as good");
  await panel.getByRole("button", { name: "Good", pressed: true }).waitFor();
  await panel.getByLabel("Name of the score").fill("accuracy");
  await panel.getByLabel(/^Value of the score/).fill("0.75");
  await button(panel, "Add").click();
  await announced(page, "The score “accuracy” is kept");
  await panel.getByLabel("Name of the property").fill("Reviewed");
  await panel.getByLabel("Value of the property").fill("yes");
  await button(panel, "Set").click();
  await announced(page, "The property “Reviewed” is set");
  const kept = ({ scores, properties, feedback_rating: rating }) => [rating, scores.accuracy, properties.Reviewed];
  await becomes(async () => kept(await gatehouse.row(newer)), [true, 0.75, "yes"], "all of it is kept");

  await button(panel, "Next request").click();
  await page.waitForURL((url) => url.searchParams.get("open") === older);
  await panel.locator(`[title="${older}"]`).waitFor();
  await button(panel, "Replay").click();
  const dialog = page.getByRole("dialog", { name: "Replay this request" });
  const body = dialog.getByRole("textbox", { name: "Request body" });
  await body.fill((await body.inputValue()).replace("gpt-4o-mini", "gpt-4o"));
  await dialog.getByText("Send it from a terminal instead").click();
  const command = await reads(dialog.getByRole("region", { name: "replay with curl" }), /"model":"gpt-4o"/);
  assert.match(command, /Bearer \$PROVIDER_API_KEY/);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });

  await button(page, "Columns").click();
  await page.getByLabel("Property to show as a column").fill("Reviewed");
  await page.getByRole("region", { name: "Further columns" }).getByRole("button", { name: "Add" }).first().click();
  await page.keyboard.press("Escape");
  await page.reload();
  await page.getByRole("columnheader", { name: "Reviewed" }).waitFor();
  await rowOf(page, newer).getByText("yes", { exact: true }).waitFor();
  check();
});

test("a call is sent again with another body, and the new one opens", async (t) => {
  const { gatehouse, page, complaints, check } = await startSignedIn(browser, t);
  const [first] = await callOften(gatehouse, "ada", 1);
  await rowOf(page, first).waitFor();
  await openRequest(page, first);
  await page.setViewportSize({ width: 390, height: 844 });
  await button(page, "Replay").click();
  const dialog = page.getByRole("dialog", { name: "Replay this request" });
  await checkAccessible(page);
  assert.deepEqual(await faultsOf(page), []);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await page.waitForFunction(() => document.activeElement?.textContent === "Replay");

  await button(page, "Replay").click();
  const body = dialog.getByRole("textbox", { name: "Request body" });
  await body.fill((await body.inputValue()).replace("gpt-4o-mini", "gpt-4o"));
  const key = dialog.getByLabel("Key that pays for it");
  await key.fill(KEY);
  await button(dialog, "Send").click();
  await dialog.getByRole("alert").getByText(/proxy key or the provider's own key/).waitFor();
  await forgive(complaints, 400);
  await key.fill("sk-the-providers-own");
  await button(dialog, "Send").click();
  await dialog.waitFor({ state: "detached" });
  await page.getByText("Replay-Of", { exact: false }).first().waitFor();
  const second = new URL(page.url()).pathname.split("/").at(-1);
  assert.notEqual(second, first);
  const row = await gatehouse.row(second);
  assert.deepEqual([row.request_body.model, row.request_user_id, row.response_status], ["gpt-4o", "ada", 200]);
  check();
});

test("who may only read copies a call and does not send it again", async (t) => {
  const readOnly = async (gatehouse) => (await ask(gatehouse, "POST", "/v1/api-keys", { api_key_name: "auditor", key_permissions: "r" })).apiKey;
  const { gatehouse, page, check } = await startSignedIn(browser, t, { key: readOnly });
  const [id] = await callOften(gatehouse, "ada", 1);
  await rowOf(page, id).waitFor();
  await openRequest(page, id);
  await button(page, "Copy").waitFor();
  await settle(page);
  assert.equal(await button(page, "Replay").count(), 0);
  check();
});

test("new calls wait while somebody reads further down, and nothing moves", async (t) => {
  const { gatehouse, page, check } = await startSignedIn(browser, t);
  const ids = await callOften(gatehouse, "ada", 60);
  await rowOf(page, ids.at(-1)).waitFor();
  const list = page.getByTestId("request-list");
  await list.evaluate((element) => element.scrollTo({ top: 700 }));
  const seen = rowOf(page, ids[30]);
  // The list has followed the scroll when the first row is no longer drawn.
  await rowOf(page, ids.at(-1)).waitFor({ state: "detached" });
  const { y } = await seen.boundingBox();
  const late = await call(gatehouse, "grace");
  await page.getByRole("button", { name: "1 new" }).waitFor();
  assert.equal((await seen.boundingBox()).y, y);
  await page.getByRole("button", { name: "1 new" }).click();
  await rowOf(page, late).waitFor();
  await becomes(() => list.evaluate((element) => element.scrollTop), 0, "the beginning is in sight");
  check();
});

test("what is listed becomes a file, sorted and searched", async (t) => {
  const { gatehouse, page, check } = await startSignedIn(browser, t);
  const [id] = await callOften(gatehouse, "ada", 3);
  await rowOf(page, id).waitFor();
  await page.getByRole("columnheader", { name: "Latency" }).getByRole("button").click();
  await page.waitForURL(/sort=-latency/);
  await page.getByRole("columnheader", { name: "Latency", exact: true }).and(page.locator('[aria-sort="descending"]')).waitFor();
  await button(page, "Export").click();
  await page.getByRole("group", { name: "Format" }).getByText("JSONL").click();
  const [download] = await Promise.all([page.waitForEvent("download"), button(page, "Save the file").click()]);
  assert.equal(download.suggestedFilename(), "requests.jsonl");
  const rows = readFileSync(await download.path(), "utf8").trim().split("\n").map(JSON.parse);
  assert.equal(rows.length, 3);
  assert.ok(JSON.stringify(rows).includes(ANSWER), "what was said is in the file");
  await announced(page, "The export is saved");
  await page.keyboard.press("Escape");

  await page.getByLabel("Search what was said").fill("zürich");
  await page.getByTestId("search-progress").getByText("3 found").waitFor();
  await rowOf(page, id).locator("mark").waitFor();
  await page.getByLabel("Search what was said").fill("nothing of the kind");
  await page.getByRole("heading", { name: "No request matches these filters" }).waitFor();
  check();
});

test("figures of the dashboard lead to their requests, and a drag over a chart is a range of time", async (t) => {
  const { gatehouse, page, check } = await startSignedIn(browser, t);
  await callOften(gatehouse, "ada", 2);
  await callOften(gatehouse, "grace", 1);
  await page.keyboard.press("g");
  await page.keyboard.press("d");
  await page.getByRole("heading", { level: 1, name: "Dashboard" }).waitFor();
  await page.getByTestId("tiles").getByText("3", { exact: true }).first().waitFor();

  const chart = page.getByRole("slider", { name: "Requests by status" });
  await chart.focus();
  await page.keyboard.press("End");
  await until(async () => /Success \d/.test(await chart.getAttribute("aria-valuetext")), 10_000, "the last figures are told");
  await button(page, "Show Requests by status as a table").click();
  await page.getByRole("region", { name: "Requests by status, table" }).getByRole("columnheader", { name: "Success" }).waitFor();
  await button(page, "Show Requests by status as a table").click();
  await settle(page);
  const { x, y, width } = await chart.boundingBox();
  await page.mouse.move(x + width / 2, y + 40);
  await page.mouse.down();
  await page.mouse.move(x + width - 30, y + 40, { steps: 5 });
  await page.mouse.up();
  await page.waitForURL(/from=.*to=/);
  await page.goBack();
  await page.getByRole("button", { name: "Time range: Last 24 hours" }).waitFor();

  await page.getByRole("figure", { name: "Users" }).getByRole("link", { name: "ada" }).click();
  await page.getByRole("heading", { level: 1, name: "Requests" }).waitFor();
  await page.getByTestId("total").getByText("2 in all").waitFor();
  await button(page, "User is ada").waitFor();
  assert.equal(parameter(page, "range"), "24h");
  await go(page, "Dashboard");
  assert.equal((await ask(gatehouse, "POST", "/v1/request/count/query", { filter: "all" })).data, 3);
  check();
});

test("what could not be read is said so, is never a zero, and can be read again", async (t) => {
  const { page, complaints } = await startSignedIn(browser, t);
  const refused = { data: null, error: { message: "too many requests", type: "rate_limit_error", code: "rate_limited" } };
  await page.route(/\/v1\/(metrics|request|session)\//, (route) => route.fulfill({ status: 429, json: refused }));
  const problem = page.getByRole("alert").getByText("Too many requests");
  await go(page, "Feedback");
  await problem.first().waitFor();
  await page.getByTestId("rating-figures").waitFor({ state: "detached" });
  await go(page, "Sessions");
  await problem.waitFor();
  assert.doesNotMatch(await page.getByRole("main").innerText(), /\b0\b/);
  await page.goto(new URL("/dashboard", page.url()).href);
  await problem.waitFor();
  await page.getByTestId("tiles").waitFor({ state: "detached" });
  await page.unroute(/\/v1\/(metrics|request|session)\//);
  await button(page, "Try again").click();
  await page.getByRole("heading", { name: "No requests yet" }).waitFor();
  assert.ok(complaints.every((text) => /\b429\b/.test(text)), complaints.join("\n"));
});
