import { describe, expect, it } from "vitest";
import { breakLine, indent, insert } from "./edit";
import { tokensOf } from "./highlight";
import { cellText, chartOf, columnsOf } from "./result";

const kinds = (sql: string) => tokensOf(sql).filter(({ text }) => text.trim()).map(({ kind, text }) => `${kind}:${text.trim()}`);

describe("colours of SQL", () => {
  it("tell keywords, functions, names, texts and numbers apart", () =>
    expect(kinds(`SELECT count(*) AS n, "user id" FROM t WHERE cost > 1.5e-3 AND model = 'it''s'`)).toEqual([
      "keyword:SELECT", "function:count", "plain:(*)", "keyword:AS", "plain:n", "plain:,", 'name:"user id"', "keyword:FROM", "plain:t", "keyword:WHERE", "plain:cost", "plain:>", "number:1.5e-3", "keyword:AND", "plain:model", "plain:=", "string:'it''s'",
    ]));

  it("take what is in comments and texts for nothing else", () =>
    expect(kinds("-- select 'a\n/* from 1 */ 'select -- 1'")).toEqual(["comment:-- select 'a", "comment:/* from 1 */", "string:'select -- 1'"]));

  it.each(["", "select 'never closed", "/* never closed", "  \n\n ", "sélect é1 \u{1f600} $$ ;", 'x"'])("leave every character of %j where it is", (sql) =>
    expect(tokensOf(sql).map(({ text }) => text).join("")).toBe(sql));
});

describe("editing", () => {
  it("puts a name in place of the selection", () => expect(insert({ text: "select x", start: 7, end: 8 }, "cost")).toEqual({ text: "select cost", start: 11, end: 11 }));
  it("keeps the indentation of a line", () => expect(breakLine({ text: "a\n  b", start: 5, end: 5 })).toEqual({ text: "a\n  b\n  ", start: 8, end: 8 }));
  it("moves lines to the right and back", () => {
    const moved = indent({ text: "a\nb\nc", start: 1, end: 3 }, false);
    expect(moved.text).toBe("  a\n  b\nc");
    expect(indent(moved, true)).toEqual({ text: "a\nb\nc", start: 1, end: 3 });
    expect(indent({ text: "a", start: 0, end: 1 }, true)).toEqual({ text: "a", start: 0, end: 1 });
  });
});

describe("a result", () => {
  const rows = [
    { day: "2026-11-21", calls: 3, model: "gpt-4o", tags: { a: 1 } },
    { day: "2026-11-20", calls: null, model: "a\n b", tags: null },
  ];

  it("has its columns in the query's order, with those of figures told apart", () =>
    expect(columnsOf(rows)).toEqual([
      { name: "day", isNumber: false, width: 10 },
      { name: "calls", isNumber: true, width: 6 },
      { name: "model", isNumber: false, width: 6 },
      { name: "tags", isNumber: false, width: 7 },
    ]));

  it("writes each value on a line", () => expect([rows[1]?.model, { a: 1 }, null, 0, false].map(cellText)).toEqual(["a ⏎ b", '{"a":1}', "null", "0", "false"]));

  it("is drawn over its time, oldest first", () =>
    expect(chartOf(rows, columnsOf(rows))).toEqual({ times: [1795132800, 1795219200], series: [{ name: "calls", values: [null, 3] }] }));

  it("reads times with and without a zone", () => {
    const at = (day: string) => chartOf([{ day, n: 1 }, { day: "2027-01-01", n: 2 }], columnsOf([{ day, n: 1 }]))?.times[0];
    expect([at("2026-11-21 12:00:00"), at("2026-11-21T12:00:00Z"), at("2026-11-21 13:00:00+01"), at("2026-11-21 10:00:00-02:00")]).toEqual(Array.from({ length: 4 }, () => 1795262400));
  });

  it("is not drawn without a time, with several rows of one, or from a single row", () => {
    for (const several of [[{ n: 1 }, { n: 2 }], [{ day: "2026-11-21", n: 1 }, { day: "2026-11-21", n: 2 }], [{ day: "2026-11-21", n: 1 }], []]) {
      expect(chartOf(several, columnsOf(several))).toBeNull();
    }
  });
});
