// What can be told of a page's looks without eyes: nothing is cut off, nothing is wider than the screen, no chart is
// empty where there is something to draw. For the rest there are pictures.

import { strict as assert } from "node:assert";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { until } from "./processes.js";

/** Pictures stay here after a run. */
export const ARTEFACTS = process.env.SCREENSHOT_DIR ?? join(import.meta.dirname, "../artefacts/dashboard");
mkdirSync(ARTEFACTS, { recursive: true });

const SETTLED_MS = 15_000;

/** Waits until the page shows what it read, and nothing is being read any more. */
export async function settle(page) {
  const unsettled = () => {
    const busy = document.querySelector("[aria-busy=true]");
    if (busy) return `busy: ${busy.textContent.slice(0, 60)}`;
    if (!document.querySelector("h1")) return "no heading";
    return /Reading…|is being read/.exec(document.body.textContent ?? "")?.[0] ?? null;
  };
  let reason = null;
  await until(async () => (reason = await page.evaluate(unsettled)) === null, SETTLED_MS, "the page settles").catch((cause) => {
    throw new Error(`${page.url()} does not settle: ${reason}`, { cause });
  });
  // Charts are drawn in the frame after their figures came.
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
}

/** Returns what of the page is cut off, beyond the screen, or over something else. */
export function faultsOf(page) {
  return page.evaluate(() => {
    const faults = [];
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) faults.push(`the page is ${root.scrollWidth} pixels wide on a screen of ${root.clientWidth}`);
    const name = (element) => `${element.tagName.toLowerCase()} “${(element.textContent ?? "").trim().slice(0, 60)}”`;
    // What only screen readers get is clipped to nothing.
    const isClipped = (element) => element !== null && (getComputedStyle(element).clipPath !== "none" || isClipped(element.parentElement));
    const hidden = (element) => !element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || element.clientWidth < 2 || isClipped(element);
    for (const element of document.querySelectorAll("button, a, h1, h2, h3, th, label, legend, dt, dd, summary, figcaption, option:checked")) {
      if (hidden(element)) continue;
      const style = getComputedStyle(element);
      if (style.display === "inline" || style.textOverflow === "ellipsis") continue;
      // A part that is cut on purpose, with an ellipsis or by scrolling, is none that is cut by mistake.
      const inner = [...element.querySelectorAll("*")].some((child) => getComputedStyle(child).textOverflow === "ellipsis" || ["auto", "scroll"].includes(getComputedStyle(child).overflowX));
      if (!inner && element.scrollWidth > element.clientWidth + 1 && !["auto", "scroll"].includes(style.overflowX)) faults.push(`${name(element)} is cut: ${element.scrollWidth} > ${element.clientWidth}`);
    }
    const buttons = [...document.querySelectorAll("main button, main a.button, main select, main input")].filter((element) => !hidden(element) && !element.closest("[data-overlaps]"));
    const boxes = buttons.map((element) => ({ element, box: element.getBoundingClientRect() }));
    for (const [index, { element, box }] of boxes.entries()) {
      for (const { element: other, box: beside } of boxes.slice(index + 1)) {
        if (element.contains(other) || other.contains(element) || element.closest("[role=dialog]") !== other.closest("[role=dialog]")) continue;
        const across = Math.min(box.right, beside.right) - Math.max(box.left, beside.left);
        const down = Math.min(box.bottom, beside.bottom) - Math.max(box.top, beside.top);
        if (across > 2 && down > 2 && sameLayer(element, other)) faults.push(`${name(element)} lies over ${name(other)}`);
      }
    }
    return faults;

    /** What scrolls or sticks lies over other things on purpose. */
    function sameLayer(one, other) {
      const layer = (element) => {
        for (let at = element; at; at = at.parentElement) {
          const { position, overflowY, overflowX } = getComputedStyle(at);
          if (["sticky", "fixed", "absolute"].includes(position) || ["auto", "scroll"].includes(overflowY) || ["auto", "scroll"].includes(overflowX)) return at;
        }
        return null;
      };
      return layer(one) === layer(other);
    }
  });
}

/**
 * Returns how many charts the page has. Each of them must come to show something, on its canvas too where it has one,
 * but for those with a title in `bare`.
 */
export async function checkCharts(page, place, bare = []) {
  let charts = [];
  const isEmpty = ({ title, points, drawn }) => !bare.includes(title) && (points === 0 || !drawn);
  // A canvas is drawn again a moment after its size or the theme has changed.
  const areDrawn = async () => !(charts = await chartsOf(page)).some(isEmpty);
  await until(areDrawn, SETTLED_MS, "the charts are drawn").catch(() => assert.deepEqual(charts.filter(isEmpty), [], place));
  return charts.length;
}

/** Returns the charts of the page: what they are called, how many values they have, whether they show any. */
function chartsOf(page) {
  return page.evaluate(() =>
    [...document.querySelectorAll("figure[data-points]")].map((figure) => {
      const canvas = figure.querySelector("canvas");
      return { title: figure.querySelector("figcaption span")?.textContent ?? "", points: Number(figure.dataset.points), drawn: canvas === null || isDrawn(canvas) };

      /** The marks of a chart are more colourful than its axes. */
      function isDrawn({ width, height }) {
        const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
        for (let at = 0; at < data.length; at += 4) {
          const [red, green, blue, alpha] = data.subarray(at, at + 4);
          if (alpha > 100 && Math.max(red, green, blue) - Math.min(red, green, blue) > 30) return true;
        }
        return false;
      }
    }),
  );
}

/** Keeps a picture of the page, or of what of it is in sight. */
export async function picture(page, name, { isWhole = true } = {}) {
  await page.screenshot({ path: join(ARTEFACTS, `${name}.png`), fullPage: isWhole });
}
