/** Accounts: who is signed in, and who belongs to the organisation. */
import { createClient, type ApiClient } from "./client";
import type { Account, BrowserSession, CreatedInvitation, Invitation, Member, OpenInvitation, Role, SignInOptions } from "./types";

/** Calls that need no session, or only its cookie. */
const anybody = createClient(null);

export function getSignInOptions(): Promise<SignInOptions> {
  return anybody.get("/v1/account/options");
}

export function getAccount(): Promise<Account> {
  return anybody.get("/v1/account");
}

export function signInPerson(email: string, password: string): Promise<Account> {
  return anybody.post("/v1/account/sign-in", { email, password });
}

export function makeFirstAccount(first: { token: string; name: string; email: string; password: string }): Promise<Account> {
  return anybody.post("/v1/account/first", first);
}

export function readInvitation(token: string): Promise<OpenInvitation> {
  return anybody.post("/v1/account/invitation/read", { token });
}

export function acceptInvitation(accepted: { token: string; name?: string; password: string }): Promise<Account> {
  return anybody.post("/v1/account/invitation", accepted);
}

export function setPasswordByLink(token: string, password: string): Promise<Account> {
  return anybody.post("/v1/account/new-password", { token, password });
}

export function signOutPerson(client: ApiClient): Promise<void> {
  return client.order("/v1/account/sign-out");
}

export function renameAccount(client: ApiClient, name: string): Promise<void> {
  return client.patch("/v1/account", { name });
}

export function changePassword(client: ApiClient, current: string, password: string): Promise<Account> {
  return client.post("/v1/account/password", { password, current_password: current });
}

export function switchOrganization(client: ApiClient, id: string): Promise<Account> {
  return client.post("/v1/account/organization", { organization_id: id });
}

export function listBrowserSessions(client: ApiClient, signal?: AbortSignal): Promise<BrowserSession[]> {
  return client.get("/v1/account/sessions", signal);
}

export function endBrowserSession(client: ApiClient, id: string): Promise<void> {
  return client.delete(`/v1/account/sessions/${encodeURIComponent(id)}`);
}

export function endOtherBrowserSessions(client: ApiClient): Promise<void> {
  return client.delete("/v1/account/sessions");
}

export function renameOrganization(client: ApiClient, name: string): Promise<void> {
  return client.patch("/v1/organization", { name });
}

export function listMembers(client: ApiClient, signal?: AbortSignal): Promise<Member[]> {
  return client.get("/v1/organization/members", signal);
}

export function changeMember(client: ApiClient, id: string, role: Role): Promise<void> {
  return client.patch(`/v1/organization/members/${encodeURIComponent(id)}`, { role });
}

export function removeMember(client: ApiClient, id: string): Promise<void> {
  return client.delete(`/v1/organization/members/${encodeURIComponent(id)}`);
}

export function listInvitations(client: ApiClient, signal?: AbortSignal): Promise<Invitation[]> {
  return client.get("/v1/organization/invitations", signal);
}

export function createInvitation(client: ApiClient, email: string, role: Role): Promise<CreatedInvitation> {
  return client.post("/v1/organization/invitations", { email, role });
}

export function revokeInvitation(client: ApiClient, id: string): Promise<void> {
  return client.delete(`/v1/organization/invitations/${encodeURIComponent(id)}`);
}
