import { describe, expect, it } from "vitest";
import { describeLoss, standingOf } from "./standing";

const NOW = Date.parse("2026-11-22T12:00:00Z");

describe("standingOf", () => {
  it.each([
    [{ soft_delete: false, expires_at: null }, "active"],
    [{ soft_delete: false, expires_at: "2026-11-22T12:00:00.001Z" }, "active"],
    [{ soft_delete: false, expires_at: "2026-11-22T12:00:00.000Z" }, "expired"],
    [{ soft_delete: true, expires_at: null }, "revoked"],
    [{ soft_delete: true, expires_at: "2020-01-01T00:00:00.000Z" }, "revoked"],
  ] as const)("finds %j %s", (key, standing) => expect(standingOf(key, NOW)).toBe(standing));
});

describe("describeLoss", () => {
  const told = (key_permissions: string, last_used_at: string | null, isOwn = false) => describeLoss({ key_permissions, last_used_at }, isOwn).join(" ");

  it("names what the key could do, and no more", () => {
    expect(told("w", "2026-11-22T11:00:00Z")).toMatch(/Calls through the gateway/);
    expect(told("w", "2026-11-22T11:00:00Z")).not.toMatch(/sign in|never been used/);
    expect(told("r", "2026-11-22T11:00:00Z")).not.toMatch(/Calls through the gateway/);
    expect(told("rw", null)).toMatch(/Calls through the gateway.*sign in.*never been used/s);
  });

  it("warns those who revoke the key they are signed in with", () => {
    expect(told("rw", "2026-11-22T11:00:00Z", true)).toMatch(/you will be signed out/);
  });
});
