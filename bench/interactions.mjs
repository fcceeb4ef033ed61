// Measures how long the dashboard takes from an interaction to the next paint, and prints a table.
//
// node bench/interactions.mjs ORIGIN KEY, of a server that has calls. What counts is what the browser itself reports of
// each key and click (the "event" entries of its performance timeline, as for INP); see README.md beside this file.

import { launch, openPage, signIn } from "../tests/clients/node/browser.js";
import { settle } from "../tests/clients/node/looks.js";

const GOAL_MS = 100;
// The browser reports no interaction that was shorter.
const LEAST_MS = 16;
const VIEWPORT = { width: 1440, height: 900 };
const [origin, key] = process.argv.slice(2);

const browser = await launch();
const { page } = await openPage(browser, origin, { viewport: VIEWPORT });
page.setDefaultTimeout(60_000);
await page.addInitScript(watch);
await signIn(page, key);
await page.getByRole("heading", { level: 1, name: "Dashboard" }).waitFor();

const figures = new Map();
const button = (name) => page.getByRole("button", { name, exact: true });
const panel = page.getByRole("complementary", { name: "Request" });

/** Has the browser remember what it tells of interactions and of tasks; runs in the page. */
function watch() {
  const seen = { interactions: new Map(), tasks: [] };
  const keep = (entries) => {
    for (const { entryType, interactionId, duration } of entries) {
      if (entryType === "longtask") seen.tasks.push(duration);
      else if (interactionId > 0) seen.interactions.set(interactionId, Math.max(duration, seen.interactions.get(interactionId) ?? 0));
    }
  };
  const observers = [
    { type: "event", durationThreshold: 16, buffered: true },
    { type: "longtask", buffered: true },
  ].map((kind) => {
    const observer = new PerformanceObserver((list) => keep(list.getEntries()));
    observer.observe(kind);
    return observer;
  });
  /** Returns what was seen since the last time, once all of it was painted. */
  globalThis.takeSeen = async () => {
    await new Promise((resolve) => setTimeout(() => requestAnimationFrame(() => setTimeout(resolve, 60)), 60));
    for (const observer of observers) keep(observer.takeRecords());
    const taken = { interactions: [...seen.interactions.values()], tasks: seen.tasks.slice() };
    seen.interactions.clear();
    seen.tasks.length = 0;
    return taken;
  };
}

/** Notes under `name` what `act` makes the browser do, which is one interaction. */
async function time(name, act) {
  await page.evaluate(() => globalThis.takeSeen());
  await act();
  const { interactions, tasks } = await page.evaluate(() => globalThis.takeSeen());
  const noted = figures.get(name) ?? { times: [], tasks: [] };
  noted.times.push(Math.max(LEAST_MS, ...interactions));
  noted.tasks.push(...tasks);
  figures.set(name, noted);
}

/** Scrolls as a wheel does, and notes how long each frame took to come. */
async function scroll(name, area, turns) {
  await area.hover();
  await page.evaluate(() => {
    globalThis.frames = [];
    let last = performance.now();
    const next = (now) => {
      globalThis.frames.push(now - last);
      last = now;
      globalThis.framing = requestAnimationFrame(next);
    };
    globalThis.framing = requestAnimationFrame(next);
  });
  for (let turn = 0; turn < turns; turn += 1) await page.mouse.wheel(0, 500);
  const frames = await page.evaluate(() => {
    cancelAnimationFrame(globalThis.framing);
    return globalThis.frames.slice(1);
  });
  const { tasks } = await page.evaluate(() => globalThis.takeSeen());
  figures.set(name, { times: frames, tasks });
}

async function go(path) {
  await page.goto(`${origin}${path}`);
  await settle(page);
}

async function times(count, act) {
  for (let number = 0; number < count; number += 1) await act(number);
}

async function useRequests() {
  await go("/requests");
  const list = page.getByTestId("request-list");
  const links = page.locator("[data-row-link]");
  await links.first().waitFor();
  await times(30, (number) => time("list: next row (j)", () => page.keyboard.press(number < 25 ? "j" : "k")));
  await scroll("list: scroll, from frame to frame", list, 80);
  await times(8, async () => {
    const row = page.locator("tbody tr:has([data-row-link])").nth(14);
    await row.waitFor();
    await time("panel: open (click)", () => row.click({ position: { x: 300, y: 12 } }));
    await panel.getByRole("tab", { name: "Details" }).waitFor();
    await settle(page);
    await time("panel: close (Escape)", () => page.keyboard.press("Escape"));
    await page.mouse.wheel(0, 700);
    await settle(page);
  });
  await page.locator("tbody tr:has([data-row-link])").nth(14).click({ position: { x: 300, y: 12 } });
  await panel.getByRole("tab", { name: "Details" }).waitFor();
  await settle(page);
  await times(20, () => time("panel: next request (j)", () => page.keyboard.press("j")));
  for (const name of ["Request", "Response", "Details", "Conversation", "Request", "Response", "Details", "Conversation"]) {
    await time("panel: other tab", () => panel.getByRole("tab", { name, exact: true }).click());
  }
  await page.keyboard.press("Escape");
  await panel.waitFor({ state: "detached" });
  await changeFilter();
  for (const name of ["Latency", "Cost", "Latency", "Time"]) {
    await time("list: sort", () => page.getByRole("columnheader", { name }).getByRole("button").click());
    await settle(page);
  }
  await changeRange(["Last hour", "Last 24 hours", "Last 7 days", "Last 30 days", "All time"]);
}

/** Adds a condition, with what is typed and chosen for it, and takes it off. */
async function changeFilter() {
  for (const field of ["model", "user", "provider", "status"]) {
    await time("filter: open (/)", () => page.keyboard.press("/"));
    const box = page.getByRole("combobox", { name: "Filter by" });
    await box.waitFor();
    for (const letter of field) await time("filter: type a field", () => page.keyboard.press(letter));
    await time("filter: choose the field (Enter)", () => page.keyboard.press("Enter"));
    const value = page.getByRole("list", { name: "Common values" }).getByRole("button").first();
    await value.waitFor();
    await time("filter: choose a value", () => value.click());
    await settle(page);
    await time("filter: clear", () => button("Clear").click());
    await settle(page);
  }
}

async function changeRange(names) {
  for (const name of names) {
    await time("range: open", () => page.getByRole("button", { name: /^Time range/ }).click());
    const choice = page.getByRole("dialog", { name: "Time range" }).getByRole("button", { name, exact: true });
    await choice.waitFor();
    await time("range: choose", () => choice.click());
    await settle(page);
  }
}

async function useDashboard() {
  await go("/dashboard?range=30d");
  await changeRange(["Last 24 hours", "Last 7 days", "Last 30 days", "Last 90 days", "All time", "Last 30 days"]);
  const chart = page.getByRole("slider", { name: "Requests by status" });
  await chart.focus();
  await times(20, () => time("dashboard: along a chart (arrow)", () => page.keyboard.press("ArrowLeft")));
  await changeFilter();
  await scroll("dashboard: scroll, from frame to frame", page.locator("main"), 30);
}

async function useSessions() {
  await go("/sessions?range=all");
  for (let number = 0; number < 6; number += 1) {
    const link = page.getByTestId("sessions").getByRole("link").nth(number);
    await link.waitFor();
    await time("session: open", () => link.click());
    await page.getByTestId("session-totals").waitFor();
    await settle(page);
    for (const name of ["Timeline", "Conversation", "Tree"]) {
      await time("session: other view", () => page.getByRole("tab", { name }).click());
      await settle(page);
    }
    await page.goBack();
    await page.getByTestId("sessions").waitFor();
    await settle(page);
  }
}

/** Goes from page to page by the keyboard. */
async function travel() {
  for (const letter of ["d", "r", "s", "u", "p", "r", "d"]) {
    await page.keyboard.press("g");
    await time("another page (g and its letter)", () => page.keyboard.press(letter));
    await settle(page);
  }
}

function percentile(ordered, share) {
  return ordered[Math.min(ordered.length - 1, Math.round(share * (ordered.length - 1)))];
}

function report() {
  const cell = (value) => String(value).padStart(10);
  console.log(`${"".padEnd(42)}${["times", "p50", "p95", "longest", "task", "goal"].map(cell).join("")}   met`);
  for (const [name, { times: noted, tasks }] of figures) {
    const ordered = noted.toSorted((left, right) => left - right);
    const p95 = percentile(ordered, 0.95);
    const shown = [percentile(ordered, 0.5), p95, ordered.at(-1), Math.max(0, ...tasks)].map((ms) => cell(ms.toFixed(0))).join("");
    console.log(`${name.padEnd(42)}${cell(ordered.length)}${shown}${cell(GOAL_MS)}   ${p95 <= GOAL_MS ? "yes" : "NO"}`);
  }
}

for (const part of [useRequests, useDashboard, useSessions, travel]) await part();
report();
await browser.close();
