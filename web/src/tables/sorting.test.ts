import { describe, expect, it } from "vitest";
import { describePage, readPage, readSorting, sortedBy, writeSorting } from "./sorting";

const NAMES = ["cost", "requests"] as const;
const FIRST = { by: "requests", direction: "desc" } as const;

describe("the sorting of a table", () => {
  it.each([{ by: "cost", direction: "asc" }, { by: "requests", direction: "desc" }] as const)("survives the address bar %#", (sorting) =>
    expect(readSorting({ sort: writeSorting(sorting) }, NAMES, { by: "cost", direction: "desc" })).toEqual(sorting));
  it("puts a dash before the name for the largest first", () => expect(writeSorting(FIRST)).toBe("-requests"));
  it.each([{}, { sort: "" }, { sort: "-" }, { sort: "name" }, { sort: "--cost" }, { sort: "cost.asc" }, { sort: ["x", "cost"] }])("is the first one for %j", (address) =>
    expect(readSorting(address, NAMES, FIRST)).toEqual(FIRST));
  it("begins with the largest and turns round", () => {
    expect(sortedBy(FIRST, "cost")).toEqual({ by: "cost", direction: "desc" });
    expect(sortedBy(FIRST, "requests")).toEqual({ by: "requests", direction: "asc" });
  });
});

describe("the pages of a table", () => {
  it.each([[{}, 1], [{ page: "3" }, 3], [{ page: "0" }, 1], [{ page: "-2" }, 1], [{ page: "1e99" }, 1], [{ page: "2.5" }, 1]])("of %j is %i", (address, page) => expect(readPage(address)).toBe(page));
  it("say which rows they show", () => {
    expect(describePage(2, 50, 50, 1204)).toBe("51–100 of 1,204");
    expect(describePage(9, 50, 0, 12)).toBe("none of 12");
  });
});
