// A headless Chromium, and pages that remember what they did wrong.

import { strict as assert } from "node:assert";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];
// A page asks once a second; the rest is room for a busy machine.
const PATIENCE_MS = 10_000;
// So many times slower than this machine is the processor of each page: what is only right by luck comes to light.
const SLOWDOWN = Number(process.env.CPU_SLOWDOWN ?? 1);
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SEVERE = ["serious", "critical"];

/** Starts the browser that is installed. */
export async function launch() {
  const places = process.env.PATH.split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  const executablePath = places.find(existsSync);
  assert.ok(executablePath, "no Chromium: apt-get install chromium");
  return chromium.launch({ executablePath });
}

/** Opens a page of the dashboard at `origin`; `check` fails when it complained or asked anyone else. */
export async function openPage(browser, origin, options = {}) {
  const context = await browser.newContext({ ...options, reducedMotion: "reduce" });
  context.setDefaultTimeout(PATIENCE_MS * SLOWDOWN);
  const page = await context.newPage();
  if (SLOWDOWN > 1) await (await context.newCDPSession(page)).send("Emulation.setCPUThrottlingRate", { rate: SLOWDOWN });
  const complaints = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.stack));
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== origin) complaints.push(`asked ${request.url()}`);
  });
  const answer = await page.goto(origin);
  const missing = `${origin} has no dashboard: (cd web && npm ci && npm run build), then cargo build -p gatehouse`;
  assert.equal(answer.status(), 200, missing);
  return { page, complaints, check: () => assert.deepEqual(complaints, []) };
}

/** Signs in with `key`. */
export async function signIn(page, key) {
  await page.getByLabel("API key").fill(key);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Asserts that axe finds nothing serious on the page. */
export async function checkAccessible(page) {
  await page.evaluate(AXE);
  const { violations, passes } = await page.evaluate(() => globalThis.axe.run());
  assert.ok(passes.length > 0, "axe looked at something");
  const severe = violations.filter(({ impact }) => SEVERE.includes(impact));
  const told = severe.map(({ id, help, nodes }) => ({ id, help, where: nodes.map(({ target }) => target.join(" ")) }));
  assert.deepEqual(told, []);
}
