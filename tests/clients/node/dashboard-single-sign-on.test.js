// The dashboard in a real browser: signing in at a provider of identities.

import { strict as assert } from "node:assert";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { checkAccessible, launch, openPage } from "./browser.js";
import { button, chooseOfAccount, forgive, go } from "./dashboard.js";
import { ARTEFACTS, faultsOf, settle } from "./looks.js";
import { start } from "./processes.js";

const PASSWORD = "correct horse battery";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

/** Starts the server behind an address that is known before it starts, and makes Olga's account, the first one. */
async function startBehindProxy(t) {
  const place = {};
  const proxy = createServer((client) => {
    const server = connect(place.port, "127.0.0.1");
    // How a connection ends is the affair of those who talk over it.
    for (const socket of [client, server]) socket.on("error", () => [client, server].forEach((end) => end.destroy()));
    client.pipe(server).pipe(client);
  });
  await once(proxy.listen(0, "127.0.0.1"), "listening");
  proxy.unref();
  const publicUrl = `http://localhost:${proxy.address().port}`;
  const { gatehouse, stop } = await start({ publicUrl });
  t.after(async () => {
    await stop();
    proxy.close();
  });
  place.port = new URL(gatehouse.api).port;
  const link = await gatehouse.find(/sign in {2}(\S+)/);
  const first = { token: new URL(link).hash.slice(1), name: "Olga", email: "olga@example.com", password: PASSWORD };
  const headers = { "Content-Type": "application/json", Origin: publicUrl };
  const made = await fetch(`${publicUrl}/v1/account/first`, { method: "POST", headers, body: JSON.stringify(first) });
  assert.equal(made.status, 200, await made.text());
  return { gatehouse, publicUrl };
}

/** Opens a page that knows the provider, whose certificate the browser does not. */
async function open(t, publicUrl, options) {
  const opened = await openPage(browser, publicUrl, { ...options, ignoreHTTPSErrors: true });
  t.after(() => opened.page.context().close());
  return opened;
}

const signInLink = (page) => page.getByRole("link", { name: "Sign in with Keycloak" });

test("a link leads to the provider and back to where one wanted to go", async (t) => {
  const { publicUrl } = await startBehindProxy(t);
  const { page, complaints, check } = await open(t, publicUrl);
  await page.goto(`${publicUrl}/requests?range=7d`);
  await signInLink(page).waitFor();
  await checkAccessible(page);
  await page.screenshot({ path: join(ARTEFACTS, "single-sign-on.png") });
  await signInLink(page).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Requests" }).waitFor();
  assert.equal(page.url(), `${publicUrl}/requests?range=7d`);
  const [left] = complaints.splice(0);
  assert.match(left, /^asked https:\/\/localhost:\d+\/authorize/, "the provider was asked, and nobody else");

  const cookies = await page.context().cookies(publicUrl);
  assert.deepEqual(cookies.map(({ name, httpOnly, sameSite }) => [name, httpOnly, sameSite]), [["gatehouse_session", true, "Lax"]]);
  await go(page, "Settings");
  await page.getByText("gatehouse users reset-password ada@example.com").waitFor();
  await checkAccessible(page);
  await page.goto(`${publicUrl}/sign-in`);
  await page.getByRole("heading", { level: 1, name: "Dashboard" }).waitFor();
  await chooseOfAccount(page, "Sign out");
  await signInLink(page).waitFor();
  check();
});

for (const colorScheme of ["light", "dark"]) {
  test(`why somebody was not let in is told, on a narrow screen too, ${colorScheme}`, async (t) => {
    const { publicUrl } = await startBehindProxy(t);
    const { page, complaints, check } = await open(t, publicUrl, { viewport: { width: 390, height: 844 }, colorScheme });
    await page.goto(`${publicUrl}/v1/account/oidc/callback?code=1&state=2`);
    await page.getByRole("alert").getByText("That sign-in was begun too long ago").waitFor();
    assert.equal(page.url(), `${publicUrl}/sign-in?problem=stale`);
    await settle(page);
    await checkAccessible(page);
    assert.deepEqual(await faultsOf(page), []);
    await page.screenshot({ path: join(ARTEFACTS, `single-sign-on-problem-${colorScheme}.png`) });

    // A password is as good as before, and whatever is in the address is not shown.
    await page.goto(`${publicUrl}/sign-in?problem=%3Cb%3Eyour%20password%20here`);
    await page.getByRole("alert").getByText("You could not be signed in. Try again.").waitFor();
    assert.ok(!(await page.locator("body").innerText()).includes("password here"));
    await page.getByLabel("E-mail").fill("olga@example.com");
    await page.getByLabel("Password").fill("wrong password");
    await button(page, "Sign in").click();
    await page.getByRole("alert").getByText("The e-mail or the password is wrong.").waitFor();
    await forgive(complaints, 401);
    await page.getByLabel("Password").fill(PASSWORD);
    await button(page, "Sign in").click();
    await page.getByRole("heading", { level: 1, name: "Dashboard" }).waitFor();
    check();
  });
}
