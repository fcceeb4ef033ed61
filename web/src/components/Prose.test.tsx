import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { Prose } from "./Prose";

const shown = (text: string) => renderToStaticMarkup(<Prose text={text} />).replaceAll(/ class="[^"]*"/g, "");

describe("Prose", () => {
  it.each([
    ["there is no key", "There is no key"],
    ["no record `a=b` at `x.example`", "No record <code>a=b</code> at <code>x.example</code>"],
    ["`x.example` is known", "<code>x.example</code> is known"],
    ["<b>", "&lt;b&gt;"],
    ["", ""],
  ])("shows %j", (text, markup) => expect(shown(text)).toBe(markup));
});
