/** How much script a first visit loads, and a build that fails when it is too much. */
import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

/** A file of the build: its script, and the files that it cannot run without. */
export interface Chunk {
  fileName: string;
  code: string;
  isEntry: boolean;
  imports: readonly string[];
  dynamicImports: readonly string[];
}

export interface FirstLoad {
  /** The page that is loaded on demand, by the name of its file. */
  page: string;
  /** Its script with everything that it needs, compressed, in bytes. */
  bytes: number;
}

/** Returns what a first visit to each page loads, the most first: the entry, the page, and what both need. */
export function firstLoads(chunks: readonly Chunk[]): FirstLoad[] {
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const sizes = new Map(chunks.map(({ fileName, code }) => [fileName, gzipSync(code).length]));
  const entries = chunks.filter((chunk) => chunk.isEntry).map(({ fileName }) => fileName);
  const pages = new Set(entries.flatMap((entry) => [...neededBy([entry], byName)]).flatMap((name) => byName.get(name)?.dynamicImports ?? []));
  const loads = [...pages].map((page) => {
    const needed = [...neededBy([...entries, page], byName)];
    return { page, bytes: needed.reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0) };
  });
  return loads.toSorted((one, other) => other.bytes - one.bytes);
}

/** Fails the build when a first visit to any page loads more than `mostBytes` of compressed script. */
export function firstLoadLimit(mostBytes: number): Plugin {
  return {
    name: "first-load-limit",
    generateBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
      const [most] = firstLoads(chunks);
      if (most === undefined) return;
      const told = `a first visit to ${most.page} loads ${(most.bytes / 1024).toFixed(1)} KiB of compressed script`;
      if (most.bytes > mostBytes) this.error(`${told}; the most is ${(mostBytes / 1024).toFixed(0)} KiB`);
      this.info(told);
    },
  };
}

function neededBy(names: readonly string[], byName: ReadonlyMap<string, Chunk>): Set<string> {
  const needed = new Set<string>();
  const rest = [...names];
  for (let name = rest.pop(); name !== undefined; name = rest.pop()) {
    if (needed.has(name)) continue;
    needed.add(name);
    rest.push(...(byName.get(name)?.imports ?? []));
  }
  return needed;
}
