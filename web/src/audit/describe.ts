import type { AuditEntry } from "../api/types";

const ACTIONS: Record<string, string> = {
  organization_created: "Created organisation",
  key_created: "Created key",
  key_renamed: "Renamed key",
  key_revoked: "Revoked key",
  domain_requested: "Asked for domain",
  domain_verified: "Verified domain",
  domain_verification_failed: "Did not find domain's record",
  domain_approved: "Approved domain",
  domain_rejected: "Rejected domain",
  domain_withdrawn: "Withdrew domain's approval",
  domain_removed: "Removed domain",
  host_rule_added: "Added host rule",
  host_rule_removed: "Removed host rule",
  rate_limit_added: "Added rate limit",
  rate_limit_changed: "Changed rate limit",
  rate_limit_removed: "Removed rate limit",
  provider_key_added: "Stored provider key",
  provider_key_changed: "Changed provider key",
  provider_key_revealed: "Showed provider key",
  provider_key_revoked: "Erased provider key",
  proxy_key_created: "Created proxy key",
  proxy_key_revoked: "Revoked proxy key",
  webhook_added: "Added webhook",
  webhook_changed: "Changed webhook",
  webhook_removed: "Removed webhook",
  dead_letter_removed: "Settled delivery",
  vault_rotated: "Sealed secrets anew",
  price_override_added: "Set price",
  price_override_changed: "Changed price",
  price_override_removed: "Removed price",
  mapper_found: "Found unmapped API",
  mapper_inferred: "Inferred mapping",
  mapper_activated: "Activated mapping",
  mapper_declined: "Declined mapping",
  mapper_rolled_back: "Rolled mapping back",
  mapper_drifted: "Saw mapping drift",
  mapper_removed: "Removed mapper",
  saved_query_added: "Saved query",
  saved_query_changed: "Changed saved query",
  saved_query_removed: "Removed saved query",
  saved_filter_added: "Saved filter",
  saved_filter_changed: "Changed saved filter",
  saved_filter_removed: "Removed saved filter",
  property_hidden: "Hid property",
  property_restored: "Restored property",
  user_added: "Added person",
  identity_linked: "Linked identity",
  identity_unlinked: "Unlinked identity",
  user_renamed: "Took name",
  signed_in: "Signed in",
  signed_out: "Signed out",
  sign_in_refused: "Refused to sign in",
  password_set: "Set password",
  password_link_created: "Made password link",
  member_role_changed: "Changed role",
  member_removed: "Removed member",
  invitation_created: "Invited",
  invitation_revoked: "Took invitation back",
  organization_renamed: "Renamed organisation",
  request_replayed: "Sent request again",
  repricing_started: "Began to price calls anew",
  repricing_ended: "Priced calls anew",
};

/** Says what was done; an action that is not known here keeps the API's name. */
export function describeAction(action: string): string {
  return ACTIONS[action] ?? action.replaceAll("_", " ");
}

/** Says who did it. */
export function describeActor(actor: AuditEntry["actor"]): string {
  if (actor.type === "command_line") return "Command line";
  if (actor.type === "server") return "The server";
  return actor.user_email ?? actor.key_name ?? "An administrator";
}
