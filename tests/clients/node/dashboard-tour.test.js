// Every page of the dashboard with data: in both themes, on a telephone, on a screen, and some on a wall.

import { after, before, test } from "node:test";
import { launch } from "./browser.js";
import { furnishCalls } from "./desk.js";
import { start } from "./processes.js";
import { PAGES, look, visit } from "./tour.js";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

test("every page is whole and accessible", async (t) => {
  const { gatehouse, stop } = await start();
  t.after(stop);
  await furnishCalls(gatehouse);
  await visit(t, browser, gatehouse, PAGES, look);
});
