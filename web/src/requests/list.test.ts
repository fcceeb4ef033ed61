import { describe, expect, it } from "vitest";
import type { HeliconeRequest } from "../api/types";
import { describeWaiting, MOST_WAITING, newOnes, NOBODY, renewed, wait } from "./arrivals";
import { DEFAULT_CHOICE, moveColumn, readChoice, resizeColumn, searchChoice, toggleColumn } from "./choice";
import { columnOf, COLUMNS } from "./columns";
import { NARROW_COLUMNS } from "./narrow";
import { apiSort, isNewestFirst, NEWEST_FIRST, nextSorting, readSorting, writeSorting } from "./sorting";

const row = (id: string) => ({ request_id: id, request_created_at: "2026-11-22T12:00:00.000Z" }) as HeliconeRequest;

describe("sorting of the list", () => {
  it.each(["cost", "-latency", "-properties:Env", "created_at"])("%s survives the way through the address bar", (text) => expect(writeSorting(readSorting(text))).toBe(text));

  it("is the newest first where nothing else is said", () => {
    expect([undefined, "sideways", "-properties:"].map(readSorting)).toEqual([NEWEST_FIRST, NEWEST_FIRST, NEWEST_FIRST]);
    expect(writeSorting(NEWEST_FIRST)).toBeUndefined();
    expect(isNewestFirst(readSorting("created_at"))).toBe(false);
  });

  it("goes from the largest to the smallest and back", () => {
    const down = nextSorting(NEWEST_FIRST, "cost");
    expect(down).toEqual({ key: "cost", direction: "desc" });
    const up = nextSorting(down, "cost");
    expect(up).toEqual({ key: "cost", direction: "asc" });
    expect(nextSorting(up, "cost")).toEqual(NEWEST_FIRST);
    expect(nextSorting(up, "latency")).toEqual({ key: "latency", direction: "desc" });
  });

  it("is told to the API, properties by their name", () => {
    expect(apiSort(readSorting("-cost"))).toEqual({ cost: "desc" });
    expect(apiSort(readSorting("properties:Env"))).toEqual({ properties: { Env: "asc" } });
  });
});

describe("choice of columns", () => {
  it("is read back as it was written, without what is no column", () => {
    const choice = resizeColumn(toggleColumn(DEFAULT_CHOICE, "property:Env"), "cost", 120);
    expect(readChoice(JSON.stringify(choice))).toEqual(choice);
    expect(readChoice('{"names":["cost","nonsense","cost","score:",7],"widths":{"cost":"wide"}}')).toEqual({ names: ["cost"], widths: {} });
  });

  it.each([null, "", "{", "[]", '{"names":[]}', "null"])("is the default for %j", (text) => expect(readChoice(text)).toEqual(DEFAULT_CHOICE));

  it("moves columns within bounds and keeps the last one", () => {
    const choice = { names: ["time", "model", "cost"], widths: {} };
    expect(moveColumn(choice, "cost", -1).names).toEqual(["time", "cost", "model"]);
    expect(moveColumn(choice, "time", -1)).toBe(choice);
    expect(moveColumn(choice, "unknown", 1)).toBe(choice);
    expect(toggleColumn({ names: ["time"], widths: {} }, "time").names).toEqual(["time"]);
    expect(resizeColumn(choice, "cost", 3).widths["cost"]).toBe(56);
  });

  it("has a place for what a search found", () => {
    expect(searchChoice(DEFAULT_CHOICE).names.slice(0, 5)).toEqual(["time", "status", "model", "snippet", "latency"]);
    expect(searchChoice({ names: ["cost"], widths: {} }).names).toEqual(["snippet", "cost"]);
    expect(readChoice('{"names":["snippet","cost"]}').names).toEqual(["cost"]);
    expect(columnOf("snippet")).not.toBeNull();
  });

  it("knows columns of properties and scores", () => {
    expect(columnOf("property:Env")).toMatchObject({ heading: "Env", sort: "properties:Env" });
    expect(columnOf("score:accuracy")).toMatchObject({ heading: "accuracy", isFigure: true });
    expect(columnOf("nonsense")).toBeNull();
    for (const name of DEFAULT_CHOICE.names) expect(COLUMNS.map((column) => column.name)).toContain(name);
    for (const column of NARROW_COLUMNS) expect(columnOf(column.name)).toBe(column);
  });
});

describe("arrivals", () => {
  it("are those that are neither listed nor waiting, each once", () => {
    const waiting = wait(NOBODY, [row("b")]);
    expect(newOnes([row("a"), row("b"), row("c"), row("c")], new Set(["a"]), waiting).map((one) => one.request_id)).toEqual(["c"]);
  });

  it("take the place of what was known before, and nothing changes without a change", () => {
    const listed = [row("a"), row("b")];
    expect(renewed(listed, [row("b"), row("c")])).toBe(listed);
    const cost = { ...row("b"), cost: 1 };
    const rows = renewed(listed, [cost]);
    expect(rows).toEqual([row("a"), cost]);
    expect(rows[0]).toBe(listed[0]);
  });

  it("wait, the newest first, and not without bounds", () => {
    const two = wait(wait(NOBODY, [row("a")]), [row("b")]);
    expect(two.rows.map((one) => one.request_id)).toEqual(["b", "a"]);
    expect(describeWaiting(two)).toBe("2 new");
    const many = wait(two, Array.from({ length: MOST_WAITING }, (_, index) => row(`${index}`)));
    expect(many.rows).toHaveLength(MOST_WAITING);
    expect(describeWaiting(many)).toBe(`More than ${MOST_WAITING} new`);
  });
});
