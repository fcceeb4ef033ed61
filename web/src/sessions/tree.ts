import type { HeliconeRequest } from "../api/types";
import { sessionOf } from "../requests/properties";
import { sumCalls, type CallSums } from "./sums";

/** A place in a session's tree: the calls at its path, and the places below it. */
export interface PathNode {
  /** The whole path, with a slash before each part; empty for the session itself. */
  path: string;
  /** The last part of the path. */
  name: string;
  /** The calls at just this path, oldest first. */
  calls: HeliconeRequest[];
  children: PathNode[];
  /** Of the calls here and below; null where there are none. */
  sums: CallSums | null;
}

/** A line of the tree as it is shown: a place, or a call in its place. */
export type TreeLine =
  | { kind: "path"; key: string; depth: number; node: PathNode; isOpen: boolean }
  | { kind: "call"; key: string; depth: number; call: HeliconeRequest };

/** Returns the path of a call in the form that makes equal paths equal texts: `/a/b`, and empty for none. */
export function pathOf(call: HeliconeRequest): string {
  return partsOf(sessionOf(call).path).map((part) => `/${part}`).join("");
}

/** Makes a tree of the paths of calls; places stand in the order of the first call at or below them. */
export function treeOf(calls: readonly HeliconeRequest[]): PathNode {
  const root = emptyNode("", "");
  const places = new Map<string, PathNode>([["", root]]);
  for (const call of calls.toSorted(byTime)) {
    let place = root;
    for (const part of partsOf(sessionOf(call).path)) place = childOf(place, part, places);
    place.calls.push(call);
  }
  sumUp(root);
  return root;
}

/** Returns the lines of a tree of which the places in `closed` are folded: below each place its calls, then its places. */
export function linesOf(root: PathNode, closed: ReadonlySet<string>): TreeLine[] {
  const lines: TreeLine[] = [];
  const visit = (node: PathNode, depth: number) => {
    for (const call of node.calls) lines.push({ kind: "call", key: call.request_id, depth, call });
    for (const child of node.children) {
      const isOpen = !closed.has(child.path);
      lines.push({ kind: "path", key: child.path, depth, node: child, isOpen });
      if (isOpen) visit(child, depth + 1);
    }
  };
  visit(root, 0);
  return lines;
}

/** Returns the paths of all places that can be folded. */
export function foldable(root: PathNode): string[] {
  return root.children.flatMap((child) => [child.path, ...foldable(child)]);
}

function partsOf(path: string | null): string[] {
  return (path ?? "").split("/").map((part) => part.trim()).filter(Boolean);
}

function childOf(parent: PathNode, name: string, places: Map<string, PathNode>): PathNode {
  const path = `${parent.path}/${name}`;
  const found = places.get(path);
  if (found) return found;
  const child = emptyNode(path, name);
  places.set(path, child);
  parent.children.push(child);
  return child;
}

function emptyNode(path: string, name: string): PathNode {
  return { path, name, calls: [], children: [], sums: null };
}

/** Adds the calls of each place up and returns those at and below `node`. */
function sumUp(node: PathNode): HeliconeRequest[] {
  const all = [...node.calls, ...node.children.flatMap(sumUp)];
  node.sums = sumCalls(all);
  return all;
}

export function byTime(left: HeliconeRequest, right: HeliconeRequest): number {
  return left.request_created_at.localeCompare(right.request_created_at) || left.request_id.localeCompare(right.request_id);
}
