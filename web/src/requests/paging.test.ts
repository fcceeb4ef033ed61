import { describe, expect, it } from "vitest";
import { firstPage, isFirstPage, newerPage, olderPage } from "./paging";

const newest = { request_created_at: "2026-11-22T12:00:00.000Z" };

describe("paging", () => {
  it("holds the pages still at the newest row, which stays on the first of them", () => {
    const older = olderPage({ model: "gpt" }, newest);
    expect(older).toEqual({ model: "gpt", before: "2026-11-22T12:00:00.001Z", offset: 50 });
    expect(olderPage(older, { request_created_at: "2026-11-22T11:00:00.000Z" })).toEqual({ ...older, offset: 100 });
  });

  it("goes back to the live page", () => {
    const search = { model: "gpt", before: "2026-11-22T12:00:00.001Z", offset: 100 };
    expect(newerPage(search)).toEqual({ ...search, offset: 50 });
    expect(newerPage(newerPage(search))).toEqual({ model: "gpt" });
    expect(isFirstPage(search)).toBe(false);
    expect(isFirstPage(firstPage(search))).toBe(true);
  });
});
