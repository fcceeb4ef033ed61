import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { FilterNode } from "../api/types";
import { formatAddress, parseAddress } from "../address/address";
import { readFilter, writeFilter } from "./address";
import { FIELDS, operatorsOf, SESSION_FIGURES, USER_FIGURES } from "./fields";
import { searchFor } from "./links";
import { allOf, anyOf, FAILED, on } from "./node";
import { countConditions, describeTree, isComplete, newCondition, simpleConditions, toNode, toTree } from "./tree";

const model = on({ model: { equals: "gpt-4o" } });
const dear = on({ cost: { gt: 0.01 } });
const production = on({ properties: { Env: { equals: "prod" } } });
const nested = allOf([model, anyOf([dear, allOf([production, FAILED])])]);

describe("tree of conditions", () => {
  it.each<FilterNode>(["all", model, production, FAILED, allOf([model, dear]), nested])("goes to the API and back without a change %#", (node) => {
    expect(toNode(toTree(node))).toEqual(node);
  });

  it("flattens what one word joins, and keeps long lists shallow", () => {
    const many = anyOf(Array.from({ length: 500 }, (_, index) => on({ user_id: { equals: `user ${index}` } })));
    const tree = toTree(many);
    expect(tree).toMatchObject({ operator: "or" });
    expect(tree.items).toHaveLength(500);
    const depth = (node: FilterNode): number => (typeof node === "object" && "left" in node ? 1 + Math.max(depth(node.left as FilterNode), depth(node.right as FilterNode)) : 0);
    expect(depth(toNode(tree))).toBe(9);
    expect(toTree(toNode(tree))).toEqual(tree);
  });

  it("reads several columns of a leaf as conditions that all hold", () => {
    expect(describeTree(toTree({ request_response_rmt: { status: { gte: 200, lt: 300 }, properties: { Env: { equals: "prod" }, Team: { contains: "x" } } } }))).toBe(
      "Status ≥ 200 and Status < 300 and Env is prod and Team contains x",
    );
    expect(describeTree(toTree({ properties: { Env: { "not-equals": "prod" } } }))).toBe("Env is not prod");
  });

  it("knows that everything or something is everything, and everything and something is something", () => {
    expect(toNode(toTree({ left: "all", operator: "or", right: model }))).toBe("all");
    expect(toNode(toTree({ left: {}, operator: "and", right: model }))).toEqual(model);
  });

  it("keeps columns that nobody told it of", () => {
    const unknown: FilterNode = { some_table: { some_column: { equals: 3 } } };
    expect(toNode(toTree(unknown))).toEqual(unknown);
    expect(describeTree(toTree(unknown))).toBe("some_table.some_column = 3");
  });

  it("is said in words", () => {
    expect(describeTree(toTree(nested))).toBe("Model is gpt-4o and (Cost > $0.01 or (Env is prod and (Status ≥ 400 or Status < 200)))");
    expect(describeTree(toTree(on({ cached: { equals: false } })))).toBe("Answered by the cache: no");
    expect(countConditions(toTree(nested))).toBe(5);
  });

  it("is simple when all conditions hold", () => {
    expect(simpleConditions(toTree(allOf([model, dear])))).toHaveLength(2);
    expect(simpleConditions(toTree(model))).toHaveLength(1);
    expect(simpleConditions(toTree(FAILED))).toBeNull();
    expect(simpleConditions(toTree(nested))).toBeNull();
  });

  it("leaves out what is not complete", () => {
    for (const field of FIELDS) expect([field.column, isComplete(newCondition(field))]).toEqual([field.column, field.type === "boolean"]);
    const [first] = FIELDS;
    expect(toNode({ kind: "group", operator: "and", items: [newCondition(first!)] })).toBe("all");
    expect(FIELDS.every((field) => operatorsOf(field).length > 0)).toBe(true);
  });
});

describe("fields", () => {
  const grammar = readFileSync(new URL("../../../crates/store/src/filter/grammar.rs", import.meta.url), "utf8");

  it.each([...FIELDS, ...SESSION_FIGURES, ...USER_FIGURES])("$column of $table is in the API's grammar", ({ table, column }) => {
    expect(grammar).toContain(`"${table}"`);
    expect(grammar).toContain(`("${column}"`);
  });
});

describe("filter in the address bar", () => {
  it.each<FilterNode>(["all", model, nested])("survives the way through it %#", (filter) => {
    expect(readFilter(parseAddress(formatAddress(writeFilter(filter))))).toEqual(filter);
  });

  it("reads the plain names of older links, and a change takes them off", () => {
    expect(readFilter({ status: "errors" })).toEqual(FAILED);
    expect(readFilter({ user: "ana", property: ["Env=prod", "Team=x=y"] })).toEqual(
      allOf([on({ user_id: { equals: "ana" } }), production, on({ properties: { Team: { equals: "x=y" } } })]),
    );
    expect(readFilter({ cache: "miss", model: " gpt " })).toEqual(allOf([on({ cache_enabled: { equals: true } }), on({ cached: { equals: false } }), on({ model: { contains: "gpt" } })]));
    expect(readFilter({ status: "maybe", cache: "toString", model: " ", property: "novalue" })).toBe("all");
    expect({ user: "ana", ...writeFilter(model) }).toMatchObject({ user: undefined, filter: JSON.stringify(model) });
  });

  it.each(["{", "3", "[]", '{"left":"all","right":"all","operator":"xor"}', '{"a":1}'])("takes %s for no filter", (filter) => {
    expect(readFilter({ filter })).toBe("all");
  });

  it("is written with a range of time where one is given", () => {
    expect(searchFor(model, { range: "1h" })).toEqual({ filter: JSON.stringify(model), range: "1h" });
    expect(searchFor("all", { from: "2026-11-22T10:00:00.000Z" })).toEqual({ from: "2026-11-22T10:00:00.000Z" });
  });
});
