//! People.

use gatehouse_types::{OrganizationId, SessionId, Timestamp, UserId};

use super::{MemoryControl, State, remove};
use crate::StoreFuture;
use crate::accounts::{
    AccountChange, AccountStore, Accounts, Admission, Invitation, MAX_SESSIONS, Membership, PasswordLink,
    Role, StoredSession, TokenHash, User,
};
use crate::control::Changed;

impl AccountStore for MemoryControl {
    fn accounts(&self) -> StoreFuture<'_, Accounts> {
        Box::pin(async { Ok(self.0.lock().accounts.in_order()) })
    }

    fn set_first_visit(&self, hash: TokenHash) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            let mut state = self.0.lock();
            state.accounts.first_visit = Some(hash);
            state.version += 1;
            Ok(())
        })
    }

    fn note_session_uses(&self, uses: Vec<(SessionId, Timestamp)>) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            let mut state = self.0.lock();
            for (id, at) in uses {
                let noted = state.accounts.sessions.iter_mut().find(|session| session.id == id);
                noted.into_iter().for_each(|session| session.last_used_at = at.max(session.last_used_at));
            }
            state.version += 1;
            Ok(())
        })
    }
}

impl State {
    pub(super) fn apply_to_accounts(&mut self, change: AccountChange, now: Timestamp) -> Changed {
        if let AccountChange::RenameOrganization(id, name) = change {
            return self.rename_organization(id, name);
        }
        self.accounts.apply(change, now)
    }

    fn rename_organization(&mut self, id: OrganizationId, name: String) -> Changed {
        let is_taken = self.organizations.iter().any(|found| found.name == name && found.id != id);
        let found = self.organizations.iter_mut().find(|found| found.id == id);
        let Some(found) = found.filter(|_| !is_taken) else { return Changed::NotFound };
        found.name = name;
        Changed::Done
    }
}

impl Accounts {
    /// Returns a copy with the oldest first.
    fn in_order(&self) -> Self {
        let mut all = self.clone();
        all.users.sort_by_key(|found| (found.created_at, found.id));
        all.memberships.sort_by_key(|found| (found.created_at, found.organization_id, found.user_id));
        all.invitations.sort_by_key(|found| (found.created_at, found.id));
        all.sessions.sort_by_key(|found| (found.created_at, found.id));
        all.password_links.sort_by_key(|found| (found.expires_at, found.hash));
        all
    }

    fn apply(&mut self, change: AccountChange, now: Timestamp) -> Changed {
        match change {
            AccountChange::AddUser(user, membership, admission) => {
                self.add_user(user, membership, admission, now)
            }
            AccountChange::AddMembership(added, admission) => self.join(added, admission, now),
            AccountChange::SetRole(organization, user, role) => self.set_role(organization, user, role),
            AccountChange::RemoveMember(organization, user) => self.leave(organization, user),
            AccountChange::RenameUser(id, name) => self.edit(id, |user| user.name = name),
            AccountChange::SetOutsideId(id, outside) => {
                let is_taken = |found: &User| {
                    found.outside_id.is_some() && found.outside_id == outside && found.id != id
                };
                if self.users.iter().any(is_taken) {
                    return Changed::NotFound;
                }
                self.edit(id, |user| user.outside_id = outside)
            }
            AccountChange::SetPassword(id, hash, link) => {
                if link.is_some_and(|link| !self.has_link(link, id, now)) {
                    return Changed::NotFound;
                }
                self.password_links.retain(|found| found.user_id != id);
                self.sessions.retain(|found| found.user_id != id);
                self.edit(id, |user| user.password_hash = Some(hash))
            }
            other => self.apply_to_links(other, now),
        }
    }

    fn apply_to_links(&mut self, change: AccountChange, now: Timestamp) -> Changed {
        match change {
            AccountChange::AddInvitation(added) => self.invite(added),
            AccountChange::RemoveInvitation(owner, id) => {
                remove(&mut self.invitations, |found| (found.organization_id, found.id) == (owner, id))
            }
            AccountChange::AddPasswordLink(added) => self.add_link(added),
            AccountChange::AddSession(added, replaced) => self.add_session(added, replaced, now),
            AccountChange::EndSession(user, id) => {
                remove(&mut self.sessions, |found| (found.user_id, found.id) == (user, id))
            }
            AccountChange::EndOtherSessions(user, kept) => {
                remove(&mut self.sessions, |found| found.user_id == user && found.id != kept)
            }
            _ => Changed::NotFound,
        }
    }

    fn add_user(
        &mut self,
        user: User,
        membership: Membership,
        admission: Admission,
        now: Timestamp,
    ) -> Changed {
        let is_same = |found: &User| {
            found.email == user.email || (found.outside_id.is_some() && found.outside_id == user.outside_id)
        };
        if self.users.iter().any(is_same) || !self.admit(admission, &membership, now) {
            return Changed::Exists;
        }
        self.users.push(user);
        self.memberships.push(membership);
        Changed::Done
    }

    fn join(&mut self, added: Membership, admission: Admission, now: Timestamp) -> Changed {
        let is_member = self.membership(added.organization_id, added.user_id).is_some();
        if is_member || !self.admit(admission, &added, now) {
            return Changed::Exists;
        }
        self.memberships.push(added);
        Changed::Done
    }

    fn admit(&mut self, admission: Admission, membership: &Membership, now: Timestamp) -> bool {
        match admission {
            Admission::Operator => true,
            Admission::FirstVisit(hash) => {
                let is_good = self.first_visit == Some(hash) && self.users.is_empty();
                self.first_visit = self.first_visit.filter(|_| !is_good);
                is_good
            }
            Admission::Invitation(id) => {
                let is_it = |found: &Invitation| {
                    (found.id, found.organization_id, found.role)
                        == (id, membership.organization_id, membership.role)
                        && found.expires_at > now
                };
                remove(&mut self.invitations, is_it) == Changed::Done
            }
        }
    }

    fn set_role(&mut self, organization: OrganizationId, user: UserId, role: Role) -> Changed {
        if role != Role::Owner && self.is_last_owner(organization, user) {
            return Changed::NotFound;
        }
        let is_meant =
            |found: &&mut Membership| (found.organization_id, found.user_id) == (organization, user);
        let Some(found) = self.memberships.iter_mut().find(is_meant) else { return Changed::NotFound };
        found.role = role;
        self.end_sessions_in(organization, user);
        Changed::Done
    }

    fn leave(&mut self, organization: OrganizationId, user: UserId) -> Changed {
        if self.is_last_owner(organization, user) {
            return Changed::NotFound;
        }
        let is_meant = |found: &Membership| (found.organization_id, found.user_id) == (organization, user);
        self.end_sessions_in(organization, user);
        remove(&mut self.memberships, is_meant)
    }

    fn is_last_owner(&self, organization: OrganizationId, user: UserId) -> bool {
        let mut owners = self
            .memberships
            .iter()
            .filter(|found| found.organization_id == organization && found.role == Role::Owner);
        owners.next().is_some_and(|owner| owner.user_id == user) && owners.next().is_none()
    }

    fn end_sessions_in(&mut self, organization: OrganizationId, user: UserId) {
        self.sessions.retain(|found| (found.organization_id, found.user_id) != (organization, user));
    }

    fn edit(&mut self, id: UserId, edit: impl FnOnce(&mut User)) -> Changed {
        let found = self.users.iter_mut().find(|user| user.id == id);
        found.map(edit).map_or(Changed::NotFound, |()| Changed::Done)
    }

    fn has_link(&self, hash: TokenHash, user: UserId, now: Timestamp) -> bool {
        let is_it = |link: &PasswordLink| (link.hash, link.user_id) == (hash, user) && link.expires_at > now;
        self.password_links.iter().any(is_it)
    }

    fn invite(&mut self, added: Invitation) -> Changed {
        let is_same = |found: &Invitation| {
            (found.organization_id, &found.email) == (added.organization_id, &added.email)
        };
        self.invitations.retain(|found| !is_same(found));
        self.invitations.push(added);
        Changed::Done
    }

    fn add_link(&mut self, added: PasswordLink) -> Changed {
        if self.user(added.user_id).is_none() {
            return Changed::NotFound;
        }
        self.password_links.retain(|found| found.user_id != added.user_id);
        self.password_links.push(added);
        Changed::Done
    }

    fn add_session(&mut self, added: StoredSession, replaced: Option<SessionId>, now: Timestamp) -> Changed {
        if self.membership(added.organization_id, added.user_id).is_none() {
            return Changed::NotFound;
        }
        self.sessions.retain(|found| Some(found.id) != replaced && found.expires_at > now);
        let user_id = added.user_id;
        let of_user = self.sessions.iter().filter(|found| found.user_id == user_id);
        if of_user.clone().count() >= MAX_SESSIONS {
            let oldest = of_user.min_by_key(|found| found.last_used_at).map(|found| found.id);
            self.sessions.retain(|found| Some(found.id) != oldest);
        }
        self.sessions.push(added);
        Changed::Done
    }
}
