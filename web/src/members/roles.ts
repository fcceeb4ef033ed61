import type { Role } from "../api/types";

/** The roles, as forms list them. */
export const ROLES: readonly { value: Role; text: string }[] = [
  { value: "viewer", text: "Viewer" },
  { value: "member", text: "Member" },
  { value: "admin", text: "Admin" },
  { value: "owner", text: "Owner" },
];

/** Names a role for people. */
export function describeRole(role: string): string {
  return ROLES.find(({ value }) => value === role)?.text ?? role;
}
