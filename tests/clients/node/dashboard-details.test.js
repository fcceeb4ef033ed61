// The pages of one thing each: in both themes, on a telephone and on a screen.

import { after, before, test } from "node:test";
import { launch } from "./browser.js";
import { furnishCalls } from "./desk.js";
import { start } from "./processes.js";
import { DETAILS, look, visit } from "./tour.js";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

test("every page of one thing is whole and accessible", async (t) => {
  const { gatehouse, stop } = await start();
  t.after(stop);
  const ids = await furnishCalls(gatehouse);
  await visit(t, browser, gatehouse, DETAILS(ids[2]), look);
});
