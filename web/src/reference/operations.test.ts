import { describe, expect, it } from "vitest";
import { addressOf, groupsOf, type OpenApi } from "./operations";
import document from "../../../crates/api/openapi.json";

const groups = groupsOf(document as unknown as OpenApi);
const operations = groups.flatMap((group) => group.operations);

describe("groupsOf", () => {
  it("has every operation once", () => {
    const all = Object.values(document.paths).flatMap((methods) => Object.keys(methods));
    expect(operations.length).toBe(all.length);
    expect(new Set(operations.map(({ id }) => id)).size).toBe(all.length);
  });

  it("has an example for every body", () => {
    const bodies = operations.filter(({ body }) => body !== null);
    expect(bodies.length).toBeGreaterThan(40);
    expect(bodies.filter(({ body }) => body === "").map(({ id }) => id)).toEqual([]);
    const execute = operations.find(({ id }) => id === "executeSql");
    expect(JSON.parse(execute?.body ?? "")).toHaveProperty("sql");
  });
});

describe("addressOf", () => {
  it("puts what was given in its place, and leaves out what was not", () => {
    const read = operations.find(({ id }) => id === "getSavedQuery");
    expect(read && addressOf(read, { id: "a/b c" })).toBe("/v1/helicone-sql/saved-query/a%2Fb%20c");
    const audit = operations.find(({ id }) => id === "listAuditEntries");
    expect(audit && addressOf(audit, { limit: "5", before: "" })).toBe("/v1/audit?limit=5");
  });
});
