import type { Caller } from "../api/types";

/** Says whether the session's key may change anything: keys, domains and rules. */
export function mayManage(caller: Pick<Caller, "permissions">): boolean {
  return caller.permissions === "rw";
}
