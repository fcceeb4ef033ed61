import type { ApiKey } from "../api/types";
import type { Tone } from "../format/status";

export type Standing = "active" | "expired" | "revoked";

export const STANDINGS: Record<Standing, { text: string; tone: Tone }> = {
  active: { text: "Active", tone: "good" },
  expired: { text: "Expired", tone: "warn" },
  revoked: { text: "Revoked", tone: "idle" },
};

/** Says whether the gateway accepts a key at the instant `now`, in milliseconds. */
export function standingOf(key: Pick<ApiKey, "soft_delete" | "expires_at">, now: number): Standing {
  if (key.soft_delete) return "revoked";
  return key.expires_at !== null && Date.parse(key.expires_at) <= now ? "expired" : "active";
}

/** Says in plain words what stops when a key is revoked. */
export function describeLoss(key: Pick<ApiKey, "key_permissions" | "last_used_at">, isOwn: boolean): string[] {
  const stops = [];
  if (key.key_permissions !== "r") stops.push("Calls through the gateway with this key are refused with 401 within a second. Streams that already run go on to their end.");
  if (key.key_permissions !== "w") stops.push("Scripts and people that use this key can no longer read the log or sign in here.");
  if (key.last_used_at === null) stops.push("It has never been used.");
  if (isOwn) stops.push("You are signed in with it: you will be signed out.");
  return stops;
}
