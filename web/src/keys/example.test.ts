import { describe, expect, it } from "vitest";
import { exampleFor } from "./example";

const KEY = "sk-helicone-aaaaaaa-bbbbbbb-ccccccc-ddddddd";
const address = { protocol: "http:", hostname: "box.lan", origin: "http://box.lan:8585" };

describe("exampleFor", () => {
  it.each(["w", "rw"] as const)("makes a call through the gateway with a key that may write (%s)", (permissions) => {
    const { text } = exampleFor(permissions, KEY, address);
    expect(text).toContain("curl http://box.lan:8787/v1/chat/completions");
    expect(text).toContain(`-H "Helicone-Auth: Bearer ${KEY}"`);
  });

  it("asks the API with a key that may only read", () => {
    const { text } = exampleFor("r", KEY, address);
    expect(text).toContain("curl http://box.lan:8585/v1/request/query-clickhouse");
    expect(text).toContain(`-H "Authorization: Bearer ${KEY}"`);
    expect(text).not.toContain("8787");
  });
});
