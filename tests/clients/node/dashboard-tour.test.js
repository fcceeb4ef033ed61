// Every page of the dashboard, with data and without, in both themes, on a telephone and on a wide screen.

import { strict as assert } from "node:assert";
import { after, before, describe, test } from "node:test";
import { checkAccessible, launch, openPage, signIn } from "./browser.js";
import { ask } from "./dashboard.js";
import { furnishCalls } from "./desk.js";
import { checkCharts, checkLooks, picture, settle } from "./looks.js";
import { KEY, start } from "./processes.js";

const HEIGHT = 900;
const [PHONE, SCREEN, WALL] = [390, 1440, 2560];

/** The pages by the names of their pictures; `charts` is how many charts they have at least where there is data. */
const PAGES = [
  { name: "dashboard", path: "/dashboard", charts: 8, isWide: true },
  { name: "requests", path: "/requests", isWide: true },
  { name: "sessions", path: "/sessions", isWide: true },
  { name: "sessions-metrics", path: "/sessions?tab=metrics", charts: 3 },
  { name: "users", path: "/users" },
  { name: "users-metrics", path: "/users?tab=metrics", charts: 2 },
  { name: "properties", path: "/properties", charts: 3, isWide: true },
  { name: "feedback", path: "/feedback", charts: 3 },
  { name: "costs", path: "/costs" },
  { name: "cache", path: "/cache", charts: 4 },
  { name: "limits", path: "/limits", charts: 1 },
  { name: "sql", path: "/sql" },
  { name: "providers", path: "/providers" },
  { name: "vault", path: "/vault" },
  { name: "keys", path: "/keys" },
  { name: "mappers", path: "/mappers" },
  { name: "webhooks", path: "/webhooks" },
  { name: "audit", path: "/audit" },
  { name: "settings", path: "/settings" },
  { name: "members", path: "/members" },
  { name: "nowhere", path: "/there/is/nothing/here" },
];
/** Pages of one thing each. */
const DETAILS = (id) => [
  { name: "requests-panel", path: `/requests?open=${id}` },
  { name: "request", path: `/requests/${id}`, isWide: true },
  { name: "session-tree", path: "/sessions/session-2", isWide: true },
  { name: "session-timeline", path: "/sessions/session-2?view=timeline" },
  { name: "session-conversation", path: "/sessions/session-2?view=conversation" },
  { name: "user", path: "/users/ada%40example.com", charts: 4 },
];

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

/** Visits pages one after the other, as somebody who is signed in, and calls `look` with each. */
async function visit(t, gatehouse, options, pages, look) {
  const { page, complaints } = await openPage(browser, gatehouse.api, options);
  t.after(() => page.context().close());
  await signIn(page, KEY);
  await settle(page);
  for (const place of pages) {
    await page.goto(`${gatehouse.api}${place.path}`);
    await settle(page);
    await look(page, place);
    assert.deepEqual(complaints.splice(0), [], place.name);
  }
}

describe("with data", () => {
  let setting;
  let ids;
  before(async () => {
    setting = await start();
    ids = await furnishCalls(setting.gatehouse);
  });
  after(() => setting?.stop());

  for (const colorScheme of ["light", "dark"]) {
    test(`every page is whole and accessible, ${colorScheme}`, (t) =>
      visit(t, setting.gatehouse, { colorScheme, viewport: { width: SCREEN, height: HEIGHT } }, [...PAGES, ...DETAILS(ids[2])], async (page, { name, charts, isWide }) => {
        const at = async (width) => {
          await page.setViewportSize({ width, height: HEIGHT });
          await settle(page);
          const place = `${name}-${width}-${colorScheme}`;
          await picture(page, place);
          await checkLooks(page, place);
        };
        await at(SCREEN);
        await checkAccessible(page);
        if (charts) assert.ok((await checkCharts(page, name)) >= charts, `${name} has ${charts} charts`);
        await at(PHONE);
        if (isWide) await at(WALL);
        await page.setViewportSize({ width: SCREEN, height: HEIGHT });
      }));
  }
});

test("every page teaches where there is nothing yet", async (t) => {
  const { gatehouse, stop } = await start();
  t.after(stop);
  await ask(gatehouse, "GET", "/v1/organization");
  await visit(t, gatehouse, { viewport: { width: SCREEN, height: HEIGHT } }, PAGES, async (page, { name }) => {
    await picture(page, `${name}-empty`);
    await checkLooks(page, name);
    await checkAccessible(page);
  });
});
