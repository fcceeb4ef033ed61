// The dashboard in a real browser shows what strangers wrote, and runs none of it: prompts, answers, names, paths, errors.

import { strict as assert } from "node:assert";
import { after, before, test } from "node:test";
import { launch, openPage, signIn } from "./browser.js";
import { ask } from "./dashboard.js";
import { settle } from "./looks.js";
import { KEY, start, until } from "./processes.js";

const RUN = "globalThis.attacked=true";
/** What runs if it is taken for a page, for an attribute, for an address, or for a script. */
const HOSTILE = `"'><img src=x onerror="${RUN}"><script>${RUN}</script><svg onload="${RUN}"><iframe srcdoc="<script>parent.attacked=true</script>"></iframe>`;
const LINKS = `[run](javascript:${RUN}) <a href="javascript:${RUN}">run</a> javascript:${RUN} {{constructor.constructor('${RUN}')()}} \${${RUN}}`;
const TEXT = `${HOSTILE} ${LINKS}`;
const MARK = "onerror=";
const SESSION = "s1<img src=x onerror=globalThis.attacked=true>";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

/** Logs a call that somebody else made; returns its id. */
async function log(gatehouse, { path = "/oai/v1/log", url, request, response, status = 200, meta = {} }) {
  const now = Date.now();
  const at = (ms) => ({ seconds: Math.floor(ms / 1000), milliseconds: ms % 1000 });
  const body = {
    providerRequest: { url: url ?? "https://api.openai.com/v1/chat/completions", json: request, meta },
    providerResponse: { json: response, status, headers: {} },
    timing: { startTime: at(now - 900), endTime: at(now) },
  };
  const headers = { Authorization: `Bearer ${KEY}`, "Content-Type": "application/json" };
  const answer = await fetch(`${gatehouse.api}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  assert.equal(answer.status, 200, await answer.text());
  const id = answer.headers.get("helicone-id");
  await until(() => gatehouse.row(id), 10_000, "the call is logged");
  return id;
}

/** Logs calls that are hostile in every place where text of a stranger stands. */
async function logHostileCalls(gatehouse) {
  const meta = {
    "Helicone-User-Id": HOSTILE,
    "Helicone-Session-Id": SESSION,
    "Helicone-Session-Name": HOSTILE,
    "Helicone-Session-Path": `/${HOSTILE}`,
    "Helicone-Prompt-Id": HOSTILE,
    "Helicone-Property-<img src=x onerror=globalThis.attacked=true>": TEXT,
    "Helicone-Property-city": HOSTILE,
  };
  const image = (url) => ({ type: "image_url", image_url: { url } });
  const tool = { type: "function", function: { name: HOSTILE, description: TEXT, parameters: {} } };
  const chat = await log(gatehouse, {
    url: `https://api.openai.com/v1/${encodeURIComponent(HOSTILE)}?q=${encodeURIComponent(LINKS)}`,
    request: {
      model: HOSTILE,
      tools: [tool],
      messages: [
        { role: "system", content: TEXT },
        { role: HOSTILE, name: HOSTILE, content: TEXT },
        {
          role: "user",
          content: [{ type: "text", text: TEXT }, image(`javascript:${RUN}`), image(`data:text/html,<script>${RUN}</script>`), image(`data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" onload="${RUN}"/>`)],
        },
      ],
    },
    response: {
      id: HOSTILE,
      model: HOSTILE,
      choices: [
        {
          index: 0,
          finish_reason: HOSTILE,
          message: { role: "assistant", content: TEXT, refusal: HOSTILE, tool_calls: [{ id: HOSTILE, type: "function", function: { name: HOSTILE, arguments: TEXT } }], annotations: [{ type: "url_citation", url_citation: { url: `javascript:${RUN}`, title: HOSTILE } }] },
        },
      ],
      usage: { prompt_tokens: 3, completion_tokens: 4 },
      [HOSTILE]: TEXT,
    },
    meta,
  });
  const error = await log(gatehouse, { request: { model: HOSTILE, messages: [{ role: "user", content: TEXT }] }, response: { error: { message: TEXT, type: HOSTILE, code: HOSTILE } }, status: 400, meta });
  const other = await log(gatehouse, { path: "/custom/v1/log", url: TEXT, request: { _type: "tool", toolName: HOSTILE, input: TEXT }, response: { output: TEXT }, meta });
  return [chat, error, other];
}

/** Gives the organisation's own things hostile names, too. */
async function nameThings(gatehouse, id) {
  await ask(gatehouse, "POST", "/v1/api-keys", { api_key_name: HOSTILE.slice(0, 190) });
  await ask(gatehouse, "POST", `/v1/request/${id}/score`, { scores: { "<img src=x onerror=globalThis.attacked=true>": 1 } });
  await ask(gatehouse, "PATCH", "/v1/organization", { name: HOSTILE.slice(0, 190) });
  await ask(gatehouse, "POST", "/v1/api-keys/provider-key", { providerName: "OPENAI", providerKeyName: HOSTILE.slice(0, 190), providerKey: "sk-x" });
  await ask(gatehouse, "POST", "/v1/filter", { name: HOSTILE.slice(0, 100), filter: "all" });
}

/** Asserts that nothing of what strangers wrote became a part of the page. */
async function checkUnharmed(page, place) {
  const found = await page.evaluate(() => ({
    attacked: globalThis.attacked ?? false,
    handlers: [...document.querySelectorAll("*")].filter((element) => element.getAttributeNames().some((name) => name.startsWith("on"))).map((element) => element.outerHTML),
    frames: [...document.querySelectorAll("iframe, object, embed")].map((element) => element.outerHTML),
    scripts: [...document.scripts].filter((script) => !script.src.startsWith(location.origin) || script.text !== "").map((script) => script.outerHTML),
    links: [...document.querySelectorAll("[href], [src], [action], [formaction]")]
      .flatMap((element) => ["href", "src", "action", "formaction"].map((name) => element.getAttribute(name)))
      .filter((address) => address !== null && /^\s*(javascript|vbscript|data:text)/i.test(address)),
  }));
  assert.deepEqual(found, { attacked: false, handlers: [], frames: [], scripts: [], links: [] }, place);
}

test("what strangers wrote is shown on every page and runs on none", async (t) => {
  const { gatehouse, stop } = await start();
  t.after(stop);
  const ids = await logHostileCalls(gatehouse);
  await nameThings(gatehouse, ids[0]);
  const { page, check } = await openPage(browser, gatehouse.api);
  t.after(() => page.context().close());
  page.on("dialog", (dialog) => assert.fail(`a dialog: ${dialog.message()}`));
  await signIn(page, KEY);
  await page.getByRole("heading", { level: 1, name: "Dashboard" }).waitFor();
  const details = ids.flatMap((id) => [`/requests/${id}`, `/requests?open=${id}`]);
  const session = encodeURIComponent(SESSION);
  const places = [
    ...details,
    `/sessions/${session}`,
    `/sessions/${session}?view=timeline`,
    `/sessions/${session}?view=conversation`,
    `/users/${encodeURIComponent(HOSTILE)}`,
    ...["dashboard", "requests", "sessions", "users", "properties", "feedback", "costs", "cache", "limits", "sql", "vault", "keys", "mappers", "audit", "settings", "members"].map((name) => `/${name}`),
  ];
  let shown = 0;
  for (const place of places) {
    const answer = await page.goto(`${gatehouse.api}${place}`);
    const policy = answer.headers()["content-security-policy"];
    assert.match(policy, /^default-src 'self';/, place);
    assert.ok(!policy.includes("unsafe"), policy);
    await settle(page);
    await checkUnharmed(page, place);
    const text = await page.evaluate(() => document.body.innerText);
    if (text.includes(MARK)) shown += 1;
  }
  assert.ok(shown >= 12, `the hostile text was seen on ${shown} of ${places.length} pages`);
  check();
});
