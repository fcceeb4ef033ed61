// The dashboard in a real browser: accounts, from the first visit to members and sessions.

import { strict as assert } from "node:assert";
import { after, before, test } from "node:test";
import { checkAccessible, launch, openPage } from "./browser.js";
import { announced, button, chooseOfAccount, forgive, go } from "./dashboard.js";
import { start } from "./processes.js";

const PASSWORD = "correct horse battery";
const ANOTHER = "staple battery horse";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

/** Starts the server and opens the page at the link that it printed. */
async function startAtFirstVisit(t, options) {
  const { gatehouse, stop } = await start();
  t.after(stop);
  const link = await gatehouse.find(/sign in {2}(\S+)/);
  const opened = await openPage(browser, gatehouse.api, options);
  t.after(() => opened.page.context().close());
  const path = link.slice(new URL(link).origin.length);
  await opened.page.goto(`${gatehouse.api}${path}`);
  return { gatehouse, path, ...opened };
}

async function makeFirstAccount(page) {
  await page.getByLabel("Name").fill("Ada Lovelace");
  await page.getByLabel("E-mail").fill("ada@example.com");
  await page.getByLabel("Password").fill(PASSWORD);
  await button(page, "Make the account").click();
  await page.getByRole("heading", { level: 1, name: "Dashboard" }).waitFor();
}

async function signInWithPassword(page, email, password) {
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await button(page, "Sign in").click();
}

test("the link that the start prints makes an account, which signs in again with its password", async (t) => {
  const { gatehouse, page, path, complaints, check } = await startAtFirstVisit(t);
  await page.getByRole("heading", { name: "Welcome to Gatehouse" }).waitFor();
  // The token does not stay in the address bar.
  await page.waitForURL((url) => url.hash === "");
  await checkAccessible(page);
  await makeFirstAccount(page);

  await page.reload();
  await page.getByRole("heading", { level: 1, name: "Dashboard" }).waitFor();
  const cookies = await page.context().cookies();
  const [session] = cookies.filter(({ name }) => name === "gatehouse_session");
  assert.deepEqual([session.httpOnly, session.sameSite, session.path], [true, "Lax", "/"]);
  assert.equal(await page.evaluate(() => document.cookie), "", "no script reads it");
  const kept = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
  assert.ok(!kept.includes(session.value) && !kept.includes(PASSWORD), kept);

  await chooseOfAccount(page, "Sign out");
  await page.getByRole("heading", { name: "Sign in to Gatehouse" }).waitFor();
  await checkAccessible(page);
  await signInWithPassword(page, "ada@example.com", "wrong password");
  await page.getByRole("alert").getByText("The e-mail or the password is wrong.").waitFor();
  await forgive(complaints, 401);
  await signInWithPassword(page, "ada@example.com", PASSWORD);
  await page.getByRole("heading", { level: 1, name: "Dashboard" }).waitFor();

  await page.goto(`${gatehouse.api}${path}`);
  await page.getByRole("heading", { name: "Welcome to Gatehouse" }).waitFor();
  await page.getByLabel("Name").fill("Eve");
  await page.getByLabel("E-mail").fill("eve@example.com");
  await page.getByLabel("Password").fill(PASSWORD);
  await button(page, "Make the account").click();
  await page.getByRole("alert").getByText("this link is not known").waitFor();
  await forgive(complaints, 404);
  check();
});

test("an owner invites a viewer, who sees no more than a viewer may, and removes them", async (t) => {
  const { gatehouse, page, check } = await startAtFirstVisit(t);
  await makeFirstAccount(page);
  await go(page, "Members");
  await page.getByLabel("E-mail").fill("grace@example.com");
  await page.getByLabel("Role", { exact: true }).selectOption("viewer");
  await button(page, "Invite").click();
  const link = await page.getByTestId("invitation-link").innerText();
  await checkAccessible(page);
  assert.equal(new URL(link).origin, gatehouse.api);

  const guest = await openPage(browser, gatehouse.api);
  t.after(() => guest.page.context().close());
  await guest.page.goto(link);
  await guest.page.getByText("You are invited as a viewer.").waitFor();
  await checkAccessible(guest.page);
  await guest.page.getByLabel("Name").fill("Grace Hopper");
  await guest.page.getByLabel("Password").fill(PASSWORD);
  await button(guest.page, "Accept and sign in").click();
  await guest.page.getByRole("heading", { level: 1, name: "Dashboard" }).waitFor();
  await go(guest.page, "Members");
  await guest.page.getByText("Your role in this organisation is viewer.").waitFor();
  await go(guest.page, "API keys");
  await guest.page.getByText("Your role in this organisation is viewer.").waitFor();
  guest.check();

  await go(page, "Audit");
  await go(page, "Members");
  await button(page, "Remove Grace Hopper").click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await announced(page, "Grace Hopper no longer belongs to the organisation.");
  await guest.page.reload();
  await guest.page.getByRole("heading", { name: "Sign in to Gatehouse" }).waitFor();
  check();
});

test("another password signs out every other browser, and settings fit a narrow screen", async (t) => {
  const { gatehouse, page, check } = await startAtFirstVisit(t, { viewport: { width: 390, height: 844 } });
  await makeFirstAccount(page);
  const other = await openPage(browser, gatehouse.api);
  t.after(() => other.page.context().close());
  await signInWithPassword(other.page, "ada@example.com", PASSWORD);
  await other.page.getByRole("heading", { level: 1, name: "Dashboard" }).waitFor();

  await go(page, "Settings");
  await page.getByRole("listitem").filter({ hasText: "Chrome on Linux" }).nth(1).waitFor();
  await checkAccessible(page);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.equal(overflow, 0, "nothing is cut off");
  await page.getByLabel("Present password").fill(PASSWORD);
  await page.getByLabel("New password").fill(ANOTHER);
  await button(page, "Change the password").click();
  await announced(page, "Your password is changed.");
  await other.page.reload();
  await other.page.getByRole("heading", { name: "Sign in to Gatehouse" }).waitFor();
  await signInWithPassword(other.page, "ada@example.com", ANOTHER);
  await other.page.getByRole("heading", { level: 1, name: "Dashboard" }).waitFor();
  await page.getByLabel("Organisation's name").fill("Research");
  await button(page, "Save the organisation's name").click();
  await announced(page, "The organisation's name is changed.");
  check();
});
