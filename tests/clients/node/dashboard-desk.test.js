// What the dashboard makes of a few days of calls: sessions, users, properties, ratings, and questions in SQL.

import { strict as assert } from "node:assert";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { checkAccessible, launch, openPage, signIn } from "./browser.js";
import { announced, ask, atRequest, becomes, button, call, forgive, reads, rowOf } from "./dashboard.js";
import { furnishCalls } from "./desk.js";
import { checkCharts, faultsOf, picture, settle } from "./looks.js";
import { KEY, start, until } from "./processes.js";

const SESSIONS = 27;
const PATIENCE_MS = 10_000;
const VIEWPORT = { width: 1440, height: 900 };

let browser;
let setting;
let ids;
before(async () => {
  [browser, setting] = await Promise.all([launch(), start()]);
  ids = await furnishCalls(setting.gatehouse);
});
after(async () => {
  await browser?.close();
  await setting?.stop();
});

/** Opens the page at `path` as somebody who is signed in. */
async function open(t, path) {
  const opened = await openPage(browser, setting.gatehouse.api, { viewport: VIEWPORT });
  t.after(() => opened.page.context().close());
  await signIn(opened.page, KEY);
  await opened.page.getByRole("navigation", { name: "Main" }).waitFor();
  await opened.page.goto(`${setting.gatehouse.api}${path}`);
  await settle(opened.page);
  return opened;
}

const rows = (page, name) => page.getByTestId(name).locator("tbody tr");
const tab = (page, name) => page.getByRole("tab", { name, selected: true }).waitFor();
const sortedDown = (page, name) => page.locator('th[aria-sort="descending"]').getByText(name).waitFor();
const search = (page) => new URL(page.url()).searchParams;

test("sessions are chosen by name, sorted and searched, and the address brings the same view back", async (t) => {
  const { page, check } = await open(t, "/sessions");
  await becomes(() => rows(page, "sessions").count(), SESSIONS, "all sessions");
  await page.getByTestId("session-names").getByRole("button", { name: /^Nightly report/ }).click();
  await page.getByText("9 in all").waitFor();
  await button(page, "Cost").click();
  await sortedDown(page, "Cost");
  await settle(page);
  await becomes(() => rows(page, "sessions").count(), 9, "the sessions of the name");
  const shown = await rows(page, "sessions").allInnerTexts();
  assert.deepEqual([search(page).get("name"), search(page).get("sort")], ["Nightly report", "-total_cost"]);
  const costs = shown.map((text) => Number(/\$([\d.]+)/.exec(text)?.[1] ?? 0));
  assert.deepEqual(costs, costs.toSorted((left, right) => right - left));
  await page.reload();
  await becomes(() => rows(page, "sessions").allInnerTexts(), shown, "the same view is back");

  await page.getByTestId("session-names").getByRole("button", { name: /^All names/ }).click();
  await page.getByLabel("Search by id or name").fill("session-21");
  await page.getByText("1 in all").waitFor();
  await becomes(() => rows(page, "sessions").count(), 1, "one session is found");
  await page.getByLabel("Search by id or name").fill("there is no such session");
  await page.getByText("No session fits").waitFor();
  await button(page, "Show all").click();
  await page.getByText(`${SESSIONS} in all`).waitFor();
  await page.getByRole("tab", { name: "Metrics" }).click();
  await tab(page, "Metrics");
  await settle(page);
  assert.equal(await checkCharts(page, "metrics"), 3);
  check();
});

test("a session is shown as a tree, over time and as what was said; its tag and rating are kept", async (t) => {
  const { page, check } = await open(t, "/sessions");
  const { gatehouse } = setting;
  await page.getByLabel("Search by id or name").fill("session-16");
  await becomes(() => rows(page, "sessions").count(), 1, "one session is found");
  await rows(page, "sessions").getByRole("link", { name: "Trip planner" }).click();
  await page.waitForURL("**/sessions/session-16");
  await reads(page.getByTestId("session-totals"), /Calls\s+5\s/);
  const tree = page.getByTestId("session-tree");
  const names = () => tree.locator("tbody [data-path]").evaluateAll((lines) => lines.map((line) => line.dataset.path));
  await becomes(names, ["/plan", "/plan/search", "/plan/search/flights", "/plan/search/hotels", "/plan/compare", "/answer"], "the whole tree");
  assert.equal(await tree.locator("[data-call]").count(), 5);
  await tree.getByRole("button", { name: "search" }).click();
  await becomes(names, ["/plan", "/plan/search", "/plan/compare", "/answer"], "one branch is folded");
  await button(page, "Fold all").click();
  await becomes(names, ["/plan", "/answer"], "all is folded");
  await button(page, "Open all").click();

  await page.getByRole("tab", { name: "Timeline" }).click();
  const timeline = page.getByTestId("session-timeline");
  const bars = timeline.locator("li[data-call]");
  await becomes(() => bars.count(), 5, "a bar for each call");
  const widthOf = () => bars.first().locator("span[style*=width]").evaluate((bar) => bar.getBoundingClientRect().width);
  const before = await widthOf();
  await timeline.focus();
  await page.keyboard.press("+");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  await until(async () => (await widthOf()) > before * 1.4, PATIENCE_MS, "zoomed in");
  await page.keyboard.press("0");
  await becomes(widthOf, before, "zoomed out");
  await page.reload();
  await becomes(() => bars.count(), 5, "the view stands in the address");

  await page.getByRole("tab", { name: "Conversation" }).click();
  await page.getByText("Step 1 of Trip planner: /plan").waitFor();
  await page.getByText("Done with /answer.").waitFor();

  await button(page, "Add a tag").click();
  await page.getByLabel("Tag").fill("looked at");
  await button(page, "Save tag").click();
  await announced(page, "The session is tagged “looked at”");
  await button(page, "It went well").click();
  await announced(page, "The session is marked as good");
  const { data: tag } = await ask(gatehouse, "GET", "/v1/session/session-16/tag");
  assert.equal(tag, "looked at");
  const filter = { request_response_rmt: { properties: { "Helicone-Session-Feedback": { equals: "1" } } } };
  await until(async () => (await ask(gatehouse, "POST", "/v1/request/count/query", { filter })).data === 1, PATIENCE_MS, "the rating is kept");
  await page.getByRole("button", { name: "It went well", pressed: true }).waitFor();

  await page.getByRole("tab", { name: "Tree" }).click();
  await tree.locator("[data-call]").first().getByRole("link").click();
  await page.waitForURL("**/requests/*");
  await page.goto(`${gatehouse.api}/sessions?q=session-16`);
  await rows(page, "sessions").getByText("looked at", { exact: true }).waitFor();
  check();
});

test("users are sorted, and each leads to figures and requests of its own", async (t) => {
  const { page, check } = await open(t, "/users");
  await becomes(() => rows(page, "users").count(), 5, "all users");
  await button(page, "Calls").click();
  await sortedDown(page, "Calls");
  await settle(page);
  const counts = async () => (await rows(page, "users").locator("td:nth-child(5)").allInnerTexts()).map(Number);
  const sorted = await counts();
  assert.deepEqual(sorted, sorted.toSorted((left, right) => right - left));
  await page.getByLabel("Search users").fill("GRACE");
  await page.getByText("1 in all").waitFor();
  await page.getByRole("link", { name: "grace@example.com" }).click();
  await page.waitForURL("**/users/grace%40example.com");
  await page.getByRole("heading", { level: 1, name: "grace@example.com" }).waitFor();
  const figures = await reads(page.getByTestId("user-figures"), /Calls\s+\d+/);
  const calls = Number(/Calls\s+(\d+)/.exec(figures)[1]);
  await settle(page);
  const filter = { request_response_rmt: { user_id: { equals: "grace@example.com" } } };
  const { data: count } = await ask(setting.gatehouse, "POST", "/v1/request/count/query", { filter });
  assert.equal(calls, count);
  assert.equal(await checkCharts(page, "user"), 4);
  await page.getByRole("link", { name: "All requests" }).click();
  await page.getByTestId("total").getByText(`${count} in all`).waitFor();
  assert.deepEqual(JSON.parse(search(page).get("filter")), filter);
  check();
});

test("properties are broken down by value, lead to their requests, and are hidden and shown again", async (t) => {
  const { page, check } = await open(t, "/properties");
  const keys = page.getByTestId("property-keys");
  await keys.getByRole("button", { name: "feature" }).click();
  await becomes(() => rows(page, "property-values").count(), 4, "all values");
  await settle(page);
  assert.equal(await checkCharts(page, "properties"), 3);
  await page.getByLabel("Search values").fill("summ");
  await becomes(() => rows(page, "property-values").count(), 1, "one value fits");
  await page.getByTestId("property-values").getByRole("link", { name: "summary" }).click();
  await page.getByRole("heading", { level: 1, name: "Requests" }).waitFor();
  const filter = { request_response_rmt: { properties: { feature: { equals: "summary" } } } };
  const { data: count } = await ask(setting.gatehouse, "POST", "/v1/request/count/query", { filter });
  await page.getByTestId("total").getByText(`${count} in all`).waitFor();

  await page.goBack();
  await settle(page);
  await keys.getByRole("button", { name: "environment" }).click();
  await button(page, "Hide environment").click();
  await announced(page, "environment is hidden");
  await keys.getByRole("button", { name: "environment", exact: true }).waitFor({ state: "detached" });
  await keys.getByText("Hidden (1)").click();
  await button(page, "Show environment again").click();
  await announced(page, "environment is shown again");
  await keys.getByRole("button", { name: "environment", exact: true }).waitFor();
  check();
});

test("a rating that is given in the page is read by the API and counted", async (t) => {
  const { page, check } = await open(t, "/feedback");
  const { gatehouse } = setting;
  const figures = async () => {
    const shape = /Good\s+(\d+)\s+Bad\s+(\d+)/;
    const [, good, bad] = shape.exec(await reads(page.getByTestId("rating-figures"), shape));
    return [Number(good), Number(bad)];
  };
  const [good, bad] = await figures();
  await becomes(() => rows(page, "scores").count(), 2, "both scores");
  await button(page, "polite").click();
  await page.getByText("How polite is spread").waitFor();
  await settle(page);
  assert.equal(await checkCharts(page, "feedback"), 3);
  await button(page, "Bad").click();
  await page.waitForURL((url) => url.searchParams.get("rated") === "bad");
  const listed = page.locator("[data-row-link]");
  await becomes(() => listed.count(), bad, "the bad ones are listed");
  const id = await listed.first().getAttribute("data-row-link");
  await listed.first().click();
  await atRequest(page, id);
  await page.getByRole("group", { name: "Rating of the answer" }).getByRole("button", { name: "Good" }).click();
  await until(async () => (await gatehouse.row(id)).feedback_rating === true, PATIENCE_MS, "the API tells the rating");
  await page.goBack();
  await becomes(figures, [good + 1, bad - 1], "the rating is counted");
  check();
});

test("a question in SQL is asked, saved, found again and kept as a file", async (t) => {
  const { page, complaints, check } = await open(t, "/sql");
  const editor = page.getByLabel("SQL", { exact: true });
  await editor.press("Control+Enter");
  for (const text of ["model", "calls", "gpt-4o", "in-house-7b"]) await reads(page.getByTestId("sql-result"), new RegExp(text));

  await editor.fill("SELECT date_trunc('day', request_created_at) AS day, count(*) AS calls FROM request_response_rmt GROUP BY day ORDER BY day");
  await button(page, "Run").click();
  await page.getByRole("figure", { name: "Result over time" }).waitFor();
  await settle(page);
  assert.equal(await checkCharts(page, "sql"), 1);
  await checkAccessible(page);
  await picture(page, "sql-result-1440-light");
  assert.deepEqual(await faultsOf(page), []);

  const wanted = "SELECT request_id, user_id FROM request_response_rmt ORDER BY request_created_at LIMIT 100";
  await editor.fill(wanted);
  await editor.press("Control+s");
  const dialog = page.getByRole("dialog", { name: "Save the query" });
  await dialog.getByLabel("Name").fill("oldest calls");
  await button(dialog, "Save query").click();
  await announced(page, "“oldest calls” is saved");
  await page.reload();
  await settle(page);
  await button(page, "oldest calls").click();
  await becomes(() => editor.inputValue(), wanted, "the query is in the editor");
  await button(page, "Run").click();
  await page.getByTestId("sql-summary").getByText("100 rows").waitFor();
  await reads(page.getByTestId("sql-result"), new RegExp(ids[0]));
  assert.ok((await page.getByTestId("sql-result").getByRole("row").count()) < 60, "only rows in sight are in the page");
  await page.getByTestId("sql-result").evaluate((area) => area.scrollTo(0, area.scrollHeight));
  await page.getByTestId("sql-result").locator('[aria-rowindex="101"]').waitFor();

  const [download] = await Promise.all([page.waitForEvent("download"), button(page, "Download CSV").click()]);
  const csv = await readFile(await download.path(), "utf8");
  assert.equal(csv.trim().split("\n").length, 101);

  await editor.fill("DELETE FROM request_response_rmt");
  await button(page, "Run").click();
  await page.getByRole("alert").waitFor();
  await forgive(complaints, 400);
  await button(page, "Remove oldest calls").click();
  await button(page, "Remove query").click();
  await announced(page, "“oldest calls” is removed");
  check();
});

test("a filter of a page stands in the address and brings the same view back", async (t) => {
  const { page, check } = await open(t, "/users");
  await button(page, "Filter").click();
  await page.getByLabel("Filter by").fill("model");
  await page.keyboard.press("Enter");
  await page.getByLabel("Common values").getByRole("button", { name: /^in-house-7b/ }).click();
  await page.getByRole("button", { name: "Remove filter", exact: false }).waitFor();
  const filter = { request_response_rmt: { model: { equals: "in-house-7b" } } };
  assert.deepEqual(JSON.parse(search(page).get("filter")), filter);
  await settle(page);
  const { data } = await ask(setting.gatehouse, "POST", "/v1/user/metrics/query", { filter, offset: 0, limit: 100 });
  await becomes(() => rows(page, "users").count(), data.count, "the users of the model");
  const shown = await rows(page, "users").allInnerTexts();
  await page.reload();
  await becomes(() => rows(page, "users").allInnerTexts(), shown, "the same view is back");
  await button(page, "Clear").click();
  await page.getByText("5 in all").waitFor();
  await becomes(() => search(page).get("filter"), null, "no filter is left");
  check();
});

test("a call that ends while somebody looks appears by itself", async (t) => {
  const { page, check } = await open(t, "/requests");
  const before = Number.parseInt(await reads(page.getByTestId("total"), /^\d+ in all$/), 10);
  await page.evaluate(() => (globalThis.loadedOnce = true));
  const id = await call(setting.gatehouse, "edsger@example.com");
  await rowOf(page, id).waitFor();
  await page.getByTestId("total").getByText(`${before + 1} in all`).waitFor();
  assert.ok(await page.evaluate(() => globalThis.loadedOnce), "the page was not loaded again");
  check();
});
