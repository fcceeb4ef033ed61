import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import type { ProxyKey } from "../api/types";
import { ProxyKeyTable } from "./ProxyKeyTable";

const key: ProxyKey = {
  id: "0b1de6a5-0f5e-4f0e-8a53-6f4f3c4f0a11",
  proxy_key_name: "batch jobs",
  provider_key_id: "6f9619ff-8b86-4d01-b42d-00cf4fc964ff",
  limits: [{ window_seconds: 86_400, cost: "12.500000000", requests: null, tokens: null }],
  soft_delete: false,
  created_at: "2026-11-22T12:00:00Z",
  expires_at: null,
  revoked_at: null,
  last_used_at: null,
};

const names = new Map([[key.provider_key_id, "production"]]);
const shown = (change: Partial<ProxyKey>, providerNames = names) =>
  renderToStaticMarkup(<ProxyKeyTable keys={[{ ...key, ...change }]} providerNames={providerNames} now={Date.parse("2026-11-22T13:00:00Z")} onRevoke={() => undefined} />);

describe("ProxyKeyTable", () => {
  it("shows what a proxy key stands for, its limits, and offers to revoke it", () => {
    const markup = shown({});
    for (const text of ["batch jobs", "production", "$12.50 a day", "Active", 'aria-label="Revoke batch jobs"']) expect(markup).toContain(text);
  });

  it("tells a key without limits, an expired one, and one whose provider key was removed", () => {
    expect(shown({ limits: [] })).toContain("none");
    expect(shown({ expires_at: "2026-11-22T12:30:00Z" })).toContain("Expired");
    expect(shown({}, new Map())).toContain("a key that was removed");
  });

  it("offers nothing for a revoked key", () => {
    const markup = shown({ soft_delete: true, revoked_at: "2026-11-22T12:30:00Z" });
    expect(markup).toContain("Revoked");
    expect(markup).not.toContain("<button");
  });
});
