import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import type { ApiKey } from "../api/types";
import { KeyTable } from "./KeyTable";

const key: ApiKey = {
  id: "6f9619ff-8b86-4d01-b42d-00cf4fc964ff",
  api_key_name: "production",
  api_key_hash: "00",
  organization_id: "0199f0a1-0000-7000-8000-000000000001",
  user_id: null,
  key_permissions: "w",
  governance: false,
  temp_key: false,
  soft_delete: false,
  created_at: "2026-11-22T12:00:00Z",
  updated_at: "2026-11-22T12:00:00Z",
  expires_at: null,
  revoked_at: null,
  last_used_at: null,
};

const shown = (change: Partial<ApiKey>, ownId = "") =>
  renderToStaticMarkup(<KeyTable keys={[{ ...key, ...change }]} ownId={ownId} now={Date.parse("2026-11-22T13:00:00Z")} onAction={() => undefined} />);

describe("KeyTable", () => {
  it("shows what a key may do and offers to rename and revoke it", () => {
    const markup = shown({});
    for (const text of ["production", "Write", "Active", "Never", 'aria-label="Rename production"', 'aria-label="Revoke production"']) expect(markup).toContain(text);
    expect(markup).not.toContain("signed in");
  });

  it("offers nothing for a revoked key", () => {
    const markup = shown({ soft_delete: true, revoked_at: "2026-11-22T12:30:00Z" });
    expect(markup).toContain("Revoked");
    expect(markup).not.toContain("<button");
  });

  it("tells an expired key, an administrator's and one's own", () => {
    expect(shown({ expires_at: "2026-11-22T12:30:00Z" })).toContain("Expired");
    expect(shown({ governance: true })).toContain("administrator");
    expect(shown({}, key.id)).toContain("signed in");
  });
});
