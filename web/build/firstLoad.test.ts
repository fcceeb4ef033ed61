import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { firstLoads, type Chunk } from "./firstLoad";

const chunk = (fileName: string, size: number, imports: string[] = [], dynamicImports: string[] = [], isEntry = false): Chunk => ({
  fileName,
  // Text that does not compress to nothing.
  code: Array.from({ length: size }, (_, index) => (index * 2_654_435_761).toString(36)).join(),
  isEntry,
  imports,
  dynamicImports,
});

describe("first load", () => {
  const chunks = [
    chunk("index.js", 100, ["react.js"], ["small.js", "large.js"], true),
    chunk("react.js", 300),
    chunk("small.js", 10, ["react.js"]),
    chunk("large.js", 200, ["charts.js"], ["dialog.js"]),
    chunk("charts.js", 200, ["react.js"]),
    chunk("dialog.js", 999),
  ];
  const size = (...names: string[]) => names.reduce((sum, name) => sum + gzipSync(chunks.find(({ fileName }) => fileName === name)!.code).length, 0);

  it("is the entry, the page and what both need, each once, but not what is loaded later", () => {
    expect(firstLoads(chunks)).toEqual([
      { page: "large.js", bytes: size("index.js", "react.js", "large.js", "charts.js") },
      { page: "small.js", bytes: size("index.js", "react.js", "small.js") },
    ]);
  });
});
