// All pages of the dashboard, and a way through them.

import { strict as assert } from "node:assert";
import { checkAccessible, openPage, signIn } from "./browser.js";
import { checkCharts, faultsOf, picture, settle } from "./looks.js";
import { KEY } from "./processes.js";

const HEIGHT = 900;
const [PHONE, SCREEN, WALL] = [390, 1440, 2560];
const THEMES = ["light", "dark"];

/**
 * The pages by the names of their pictures; `charts` is how many charts they have at least where there is data, `bare`
 * those of them that show nothing even then.
 */
export const PAGES = [
  { name: "dashboard", path: "/dashboard", charts: 8, bare: ["Threats"], isWide: true },
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
  { name: "api", path: "/docs" },
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
export const DETAILS = (id) => [
  { name: "requests-panel", path: `/requests?open=${id}` },
  { name: "request", path: `/requests/${id}`, isWide: true },
  { name: "session-tree", path: "/sessions/session-2", isWide: true },
  { name: "session-timeline", path: "/sessions/session-2?view=timeline" },
  { name: "session-conversation", path: "/sessions/session-2?view=conversation" },
  { name: "user", path: "/users/ada%40example.com", charts: 4 },
];

/** Visits pages one after the other, as somebody who is signed in; `look` returns what is wrong with each. */
export async function visit(t, browser, gatehouse, pages, look) {
  const { page, complaints } = await openPage(browser, gatehouse.api, { viewport: { width: SCREEN, height: HEIGHT } });
  t.after(() => page.context().close());
  await signIn(page, KEY);
  await page.getByRole("navigation", { name: "Main" }).waitFor();
  const faults = {};
  for (const place of pages) {
    await page.goto(`${gatehouse.api}${place.path}`);
    await settle(page);
    const found = [...(await look(page, place)), ...complaints.splice(0)];
    if (found.length > 0) faults[place.name] = found;
  }
  assert.deepEqual(faults, {});
}

/** Returns the message of a failed assertion, or nothing. */
export const told = (check, where = "") => check.then(() => [], (error) => [`${where} ${error.message}`.trim()]);

/** Returns what is wrong with the looks of a page; of each theme and width a picture is kept. */
export async function look(page, { name, charts = 0, bare, isWide }) {
  const faults = [];
  const at = async (width, themes) => {
    await page.setViewportSize({ width, height: HEIGHT });
    for (const colorScheme of themes) {
      await page.emulateMedia({ colorScheme });
      await settle(page);
      // What a theme changes is seen in a part of the page.
      await picture(page, `${name}-${width}-${colorScheme}`, { isWhole: colorScheme === themes[0] && width !== WALL });
      if (width === SCREEN) faults.push(...(await told(checkAccessible(page), colorScheme)));
    }
    faults.push(...(await faultsOf(page)).map((fault) => `${width}: ${fault}`));
  };
  await at(SCREEN, THEMES);
  faults.push(...(await told(checkCharts(page, name, bare).then((count) => assert.ok(count >= charts, `${count} charts instead of ${charts}`)))));
  await at(PHONE, THEMES.toReversed());
  if (isWide) await at(WALL, ["light"]);
  await page.setViewportSize({ width: SCREEN, height: HEIGHT });
  return faults;
}
