import { describe, expect, it } from "vitest";
import { PAGE_GROUPS } from "./pages";
import { NO_KEYS, pressKey } from "./shortcuts";

describe("shortcuts", () => {
  it("go to a page by two keys, soon after each other", () => {
    const first = pressKey(NO_KEYS, "g", 1000);
    expect(first).toEqual({ state: { wentAt: 1000 }, command: null });
    expect(pressKey(first.state, "d", 1500)).toEqual({ state: NO_KEYS, command: { kind: "go", to: "/dashboard" } });
    expect(pressKey(first.state, "d", 9000).command).toBeNull();
    expect(pressKey(first.state, "?", 1500).command).toBeNull();
  });

  it("help and lead to the filter", () => {
    expect(pressKey(NO_KEYS, "?", 0).command).toEqual({ kind: "help" });
    expect(pressKey(NO_KEYS, "/", 0).command).toEqual({ kind: "filter" });
    expect(pressKey(NO_KEYS, "x", 0).command).toBeNull();
  });

  it("are one for each page", () => {
    const keys = PAGE_GROUPS.flatMap(({ pages }) => pages.map(({ key }) => key));
    expect(new Set(keys).size).toBe(keys.length);
  });
});
