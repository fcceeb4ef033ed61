import { describe, expect, it } from "vitest";
import { classOf, classSeries, codeName, errorSeries } from "./statuses";
import { describeChange, tileFigure, TILE_MEASURES, TILES, valueOf } from "./tiles";

const tile = (name: string) => TILES.find((known) => known.name === name)!;

describe("tiles", () => {
  it("show shares, and none of nothing", () => {
    expect(valueOf(tile("Error rate"), { errors: 5, requests: 200 })).toBe(0.025);
    expect(valueOf(tile("Error rate"), { errors: 0, requests: 0 })).toBeNull();
    expect(tileFigure(tile("Error rate"), { errors: 5, requests: 200 })).toEqual({ known: true, text: "2.5 %" });
  });

  it("tell unknown from zero and a part from the whole", () => {
    expect(tileFigure(tile("Cost"), { cost: null, cost_unknown: 3 })).toMatchObject({ known: false });
    expect(tileFigure(tile("Cost"), { cost: 0, cost_unknown: 0 })).toEqual({ known: true, text: "$0" });
    expect(tileFigure(tile("Cost"), { cost: 12, cost_unknown: 3 })).toEqual({ known: true, text: "≥ $12.00" });
    expect(tileFigure(tile("Requests"), undefined)).toMatchObject({ known: false });
  });

  it("ask for each measure once", () => expect(new Set(TILE_MEASURES).size).toBe(TILE_MEASURES.length));

  it.each([
    ["Requests", 150, 100, { text: "+50 %", tone: "idle" }],
    ["Requests", 100, 100, { text: "±0", tone: "idle" }],
    ["p95 latency", 103, 100, { text: "+3 %", tone: "bad" }],
    ["p95 latency", 90, 100, { text: "−10 %", tone: "good" }],
    ["Saved by the cache", 2, 1, { text: "+100 %", tone: "good" }],
    ["Error rate", 0.05, 0.03, { text: "+2 points", tone: "bad" }],
    ["Error rate", 0.02, 0, { text: "+2 points", tone: "bad" }],
    ["Requests", 200_000, 1, { text: "×200k", tone: "idle" }],
    ["Saved by the cache", 30, 2, { text: "×15", tone: "good" }],
    ["Requests", 5, 0, null],
    ["Threats", 0, 0, null],
    ["Cost", null, 3, null],
    ["Cost", 3, null, null],
  ] as const)("%s from %d against %d", (name, now, before, change) => expect(describeChange(tile(name), now, before)).toEqual(change));
});

describe("calls by status", () => {
  const statuses = [
    { name: "200", values: [5, 6], sum: 11 },
    { name: "429", values: [2, 0], sum: 2 },
    { name: "503", values: [0, 1], sum: 1 },
    { name: "-3", values: [1, 0], sum: 1 },
  ];

  it("are put into classes", () => {
    expect([204, 302, 404, 529, -2, 0].map(classOf)).toEqual(["Success", "Success", "4xx", "5xx", "Other", "Other"]);
    expect(classSeries(statuses, 2).map(({ name, values }) => [name, values])).toEqual([
      ["Success", [5, 6]],
      ["4xx", [2, 0]],
      ["5xx", [0, 1]],
      ["Other", [1, 0]],
    ]);
    expect(classSeries([], 2).map(({ name }) => name)).toEqual(["Success"]);
  });

  it("name the errors, the rare ones together", () => {
    expect(errorSeries(statuses, 2).map(({ name }) => name)).toEqual(["429", "503", "Cancelled"]);
    const many = [400, 401, 403, 404, 408, 409, 500].map((code) => ({ name: String(code), values: [1], sum: 1 }));
    expect(errorSeries(many, 1).at(-1)).toMatchObject({ name: "Others", values: [2] });
    expect([429, -2, -4, 0].map(codeName)).toEqual(["429", "Timed out", "Threat", "None"]);
  });
});
