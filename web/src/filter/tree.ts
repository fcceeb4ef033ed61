/**
 * A filter as people build it: groups of conditions, each joined by one word.
 * The API's filter joins two at a time; `toTree` and `toNode` go from one to the other and lose nothing.
 */
import type { FilterNode, FilterTest } from "../api/types";
import { formatFullInstant } from "../format/time";
import { fieldOf, operatorsOf, type Field } from "./fields";
import { isBranch } from "./node";

export interface Condition {
  kind: "condition";
  table: string;
  column: string;
  /** Of a map: which property, which score. */
  key?: string;
  operator: string;
  value: string | number | boolean;
}

export interface Group {
  kind: "group";
  operator: "and" | "or";
  items: Item[];
}

export type Item = Condition | Group;

export const NO_FILTER: Group = { kind: "group", operator: "and", items: [] };

/** Returns the API's filter as a tree whose root is a group. */
export function toTree(node: FilterNode): Group {
  const item = itemOf(node);
  if (item === null) return NO_FILTER;
  return item.kind === "group" ? item : { ...NO_FILTER, items: [item] };
}

/** Returns a tree as the API's filter; conditions that are not complete yet are left out. */
export function toNode(item: Item): FilterNode {
  if (item.kind === "condition") return isComplete(item) ? leafOf(item) : "all";
  const nodes = item.items.map(toNode).filter((node) => node !== "all");
  return join(nodes, item.operator);
}

/** Says whether a condition can be asked. */
export function isComplete({ key, value, table, column }: Condition): boolean {
  const field = fieldOf(table, column, value, key !== undefined);
  if (field.isMap && !key?.trim()) return false;
  if (field.type === "number") return typeof value === "number" && Number.isFinite(value);
  if (field.type === "time") return !Number.isNaN(Date.parse(String(value)));
  return value !== "";
}

/** Returns a condition on a field as it is offered first. */
export function newCondition(field: Field): Condition {
  const operator = operatorsOf(field)[0]?.name ?? "equals";
  const value = field.type === "boolean" ? true : "";
  return { kind: "condition", table: field.table, column: field.column, ...(field.isMap && { key: "" }), operator, value };
}

/** Says a condition in a few words. */
export function describeCondition(condition: Condition): string {
  const field = fieldOf(condition.table, condition.column, condition.value, condition.key !== undefined);
  const name = condition.key === undefined ? field.label : condition.key;
  if (typeof condition.value === "boolean") return `${name}: ${condition.value ? "yes" : "no"}`;
  const operator = operatorsOf(field).find(({ name: known }) => known === condition.operator)?.short ?? condition.operator;
  return `${name} ${operator} ${describeValue(condition.value, field)}`;
}

/** Says a whole filter in one line. */
export function describeTree(item: Item): string {
  if (item.kind === "condition") return describeCondition(item);
  return item.items.map((inner) => (inner.kind === "group" ? `(${describeTree(inner)})` : describeCondition(inner))).join(` ${item.operator} `);
}

/** Returns the conditions of a filter that is nothing but conditions that all hold; null for any other. */
export function simpleConditions(tree: Group): Condition[] | null {
  const conditions = tree.items.filter((item) => item.kind === "condition");
  if (conditions.length !== tree.items.length) return null;
  return tree.operator === "and" || conditions.length < 2 ? conditions : null;
}

/** Counts the conditions. */
export function countConditions(item: Item): number {
  return item.kind === "condition" ? 1 : item.items.reduce((sum, inner) => sum + countConditions(inner), 0);
}

function describeValue(value: string | number, field: Field): string {
  if (field.type === "time") return formatFullInstant(String(value));
  if (field.unit === "$") return `$${value}`;
  return field.unit ? `${value} ${field.unit}` : String(value);
}

function itemOf(node: FilterNode): Item | null {
  if (node === "all") return null;
  if (!isBranch(node)) {
    const conditions = conditionsOf(node);
    return conditions.length > 1 ? { kind: "group", operator: "and", items: conditions } : (conditions[0] ?? null);
  }
  const items: Item[] = [];
  for (const side of [itemOf(node.left), itemOf(node.right)]) {
    // Of two sides that are joined by the same word, which was joined first makes no difference.
    if (side?.kind === "group" && side.operator === node.operator) items.push(...side.items);
    else if (side !== null) items.push(side);
    // Everything or something is everything.
    else if (node.operator === "or") return null;
  }
  return items.length > 1 ? { kind: "group", operator: node.operator, items } : (items[0] ?? null);
}

function conditionsOf(leaf: { [table: string]: unknown }): Condition[] {
  const conditions: Condition[] = [];
  for (const [table, columns] of entries(leaf)) {
    for (const [column, tests] of entries(columns)) {
      for (const [first, inner] of entries(tests)) {
        if (isValue(inner)) conditions.push(conditionOf(table, column, first, inner));
        else for (const [operator, value] of entries(inner)) if (isValue(value)) conditions.push({ ...conditionOf(table, column, operator, value), key: first });
      }
    }
  }
  return conditions;
}

/** Tables that are maps themselves have the key where others have their column. */
const MAP_TABLES = ["properties"];

function conditionOf(table: string, column: string, operator: string, value: string | number | boolean): Condition {
  if (MAP_TABLES.includes(table)) return { kind: "condition", table: "request_response_rmt", column: "properties", key: column, operator, value };
  return { kind: "condition", table, column, operator, value };
}

function leafOf({ table, column, key, operator, value }: Condition): FilterNode {
  const test: FilterTest = { [operator]: value };
  return { [table]: { [column]: key === undefined ? test : { [key]: test } } };
}

/** Halves are joined, so that a long list does not nest deeper than the API takes. */
function join(nodes: FilterNode[], operator: "and" | "or"): FilterNode {
  const [first] = nodes;
  if (first === undefined) return "all";
  if (nodes.length === 1) return first;
  const middle = Math.ceil(nodes.length / 2);
  return { left: join(nodes.slice(0, middle), operator), operator, right: join(nodes.slice(middle), operator) };
}

function isValue(value: unknown): value is string | number | boolean {
  return ["string", "number", "boolean"].includes(typeof value);
}

function entries(value: unknown): [string, unknown][] {
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}
