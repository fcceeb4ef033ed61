import type { Permissions } from "../api/control";

/** What a key may do, most useful choice first. */
export const PERMISSIONS: readonly { value: Permissions; text: string; hint: string }[] = [
  { value: "w", text: "Write", hint: "Makes calls through the gateway and adds to their records. Reads nothing: the right one for an application." },
  { value: "r", text: "Read", hint: "Reads requests, domains and rules, here and by the REST API. Makes no calls." },
  { value: "rw", text: "Read and write", hint: "Does both, and manages keys, domains and rules. For people, not for applications." },
];

export function describePermissions(permissions: string): string {
  return PERMISSIONS.find(({ value }) => value === permissions)?.text ?? permissions;
}
