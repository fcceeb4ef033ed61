import { describe, expect, it } from "vitest";
import { buildFilter, buildPageFilter } from "./ast";

const NOW = Date.parse("2026-11-22T12:00:00.000Z");

const row = (columns: object) => ({ request_response_rmt: columns });

describe("request filter", () => {
  it("is `all` without a search", () => expect(buildFilter({}, NOW)).toBe("all"));

  it("asks for one column without an operator around it", () => {
    expect(buildFilter({ model: "gpt-4o" }, NOW)).toEqual(row({ model: { contains: "gpt-4o" } }));
  });

  it("counts synthetic negative statuses as errors", () => {
    expect(buildFilter({ status: "errors" }, NOW)).toEqual({
      left: row({ status: { gte: 400 } }),
      operator: "or",
      right: row({ status: { lt: 200 } }),
    });
  });

  it("takes as a miss what enabled the cache in vain", () => {
    expect(buildFilter({ cache: "hit" }, NOW)).toEqual(row({ cached: { equals: true } }));
    expect(buildFilter({ cache: "miss" }, NOW)).toEqual({
      left: row({ cache_enabled: { equals: true } }),
      operator: "and",
      right: row({ cached: { equals: false } }),
    });
  });

  it("joins conditions with and", () => {
    expect(buildFilter({ user: "ana", properties: [{ key: "Env", value: "prod" }] }, NOW)).toEqual({
      left: row({ user_id: { equals: "ana" } }),
      operator: "and",
      right: row({ properties: { Env: { equals: "prod" } } }),
    });
  });

  it("resolves a relative range at the time of asking and lets it win over fixed ends", () => {
    expect(buildFilter({ range: "1h", from: "2020-01-01T00:00:00Z", to: "2020-01-02T00:00:00Z" }, NOW)).toEqual(
      row({ request_created_at: { gte: "2026-11-22T11:00:00.000Z" } }),
    );
  });

  it("holds older pages still without changing what is counted", () => {
    const search = { before: "2026-11-22T11:59:00.000Z", offset: 50 };
    expect(buildFilter(search, NOW)).toBe("all");
    expect(buildPageFilter(search, NOW)).toEqual(row({ request_created_at: { lte: search.before } }));
  });
});
