// Every page of the dashboard where nothing was ever logged.

import { after, before, test } from "node:test";
import { checkAccessible, launch } from "./browser.js";
import { faultsOf, picture } from "./looks.js";
import { start } from "./processes.js";
import { PAGES, told, visit } from "./tour.js";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

test("every page teaches where there is nothing yet", async (t) => {
  const { gatehouse, stop } = await start();
  t.after(stop);
  await visit(t, browser, gatehouse, PAGES, async (page, { name }) => {
    await picture(page, `${name}-empty`);
    return [...(await faultsOf(page)), ...(await told(checkAccessible(page)))];
  });
});
