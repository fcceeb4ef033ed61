import type { Caller } from "../api/types";

/** Says whether the caller may manage the organisation: keys, domains and rules. */
export function mayManage(caller: Pick<Caller, "may_manage">): boolean {
  return caller.may_manage;
}

/** Says whether the caller may change what was logged: feedback, scores, properties. */
export function mayWrite(caller: Pick<Caller, "permissions">): boolean {
  return caller.permissions.includes("w");
}

/** Says who the caller is, in a word or two. */
export function nameOf(caller: Pick<Caller, "key" | "user">): string {
  return caller.user?.name ?? caller.key?.name ?? "";
}
