//! People: who they are, what they may do in which organisation, and in which browsers they are signed in.
//!
//! Nothing that lets anybody in is kept as it is: passwords as Argon2 hashes, tokens of sessions and of links as
//! their SHA-256.

mod sessions;
mod token;

use std::fmt;

use gatehouse_types::{InvitationId, OrganizationId, Redacted, SessionId, Timestamp, UserId};

use crate::StoreFuture;
use crate::control::Permissions;

pub use sessions::{SessionEntry, SessionRefusal, SessionRing, SessionUses};
pub use token::{Token, TokenHash, hash_token, proves};

/// Most sessions of one person: the one that was used least recently makes room for a new one.
pub const MAX_SESSIONS: usize = 20;

/// What a person may do in an organisation; each role may do what the one before may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Reads what was logged.
    Viewer,
    /// Changes what was logged: feedback, scores, properties, and what is saved to work with it.
    Member,
    /// Manages keys, domains, rules, the vault and webhooks.
    Admin,
    /// Manages who belongs to the organisation.
    Owner,
}

impl Role {
    /// Every role, least first.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Member, Self::Admin, Self::Owner];

    /// Returns the name used in rows and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// Reads a name that [`Role::as_str`] returns.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// Returns whether the role may read and write.
    pub const fn permissions(self) -> Permissions {
        match self {
            Self::Viewer => Permissions { read: true, write: false },
            Self::Member | Self::Admin | Self::Owner => Permissions::READ_WRITE,
        }
    }

    /// Returns whether the role may manage the organisation.
    pub const fn may_manage(self) -> bool {
        matches!(self, Self::Admin | Self::Owner)
    }
}

/// A person who may sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// Their address, in lower case, unlike anybody else's.
    pub email: String,
    /// What they are called.
    pub name: String,
    /// The hash of their password; none while they have not set one.
    pub password_hash: Option<Redacted<String>>,
    /// Who they are at the provider of identities, `<issuer> <subject>`; none while they have not signed in there.
    pub outside_id: Option<String>,
    /// Whether they may decide for the whole installation.
    pub is_installation_admin: bool,
    /// When they were added.
    pub created_at: Timestamp,
}

/// What a person may do in one organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The organisation.
    pub organization_id: OrganizationId,
    /// The person.
    pub user_id: UserId,
    /// What they may do there.
    pub role: Role,
    /// Since when they belong to it.
    pub created_at: Timestamp,
}

/// An invitation that was not accepted yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// The organisation that invites.
    pub organization_id: OrganizationId,
    /// Who is invited, in lower case.
    pub email: String,
    /// What they will be able to do.
    pub role: Role,
    /// The hash of the token in its link.
    pub hash: TokenHash,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is no longer accepted.
    pub expires_at: Timestamp,
}

/// A browser in which somebody is signed in.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredSession {
    /// Its id, which lets nobody in.
    pub id: SessionId,
    /// Who is signed in.
    pub user_id: UserId,
    /// The organisation that they work in.
    pub organization_id: OrganizationId,
    /// The hash of the token in its cookie.
    pub hash: TokenHash,
    /// What the browser called itself.
    pub user_agent: String,
    /// Where it called from.
    pub address: String,
    /// When they signed in.
    pub created_at: Timestamp,
    /// When it ends, used or not.
    pub expires_at: Timestamp,
    /// When it was last used, to within a minute.
    pub last_used_at: Timestamp,
}

impl fmt::Debug for StoredSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredSession")
            .field("id", &self.id)
            .field("user_id", &self.user_id)
            .finish_non_exhaustive()
    }
}

/// A link with which a person sets a password, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordLink {
    /// The hash of its token.
    pub hash: TokenHash,
    /// Whose password is set.
    pub user_id: UserId,
    /// From when on it is no longer accepted.
    pub expires_at: Timestamp,
}

/// Everything that is kept about people, as it was at one moment; each list has the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accounts {
    /// Who may sign in.
    pub users: Vec<User>,
    /// Who belongs to which organisation.
    pub memberships: Vec<Membership>,
    /// Who is invited.
    pub invitations: Vec<Invitation>,
    /// Where people are signed in.
    pub sessions: Vec<StoredSession>,
    /// Links that set passwords.
    pub password_links: Vec<PasswordLink>,
    /// The hash of the token that lets the first person in.
    pub first_visit: Option<TokenHash>,
}

impl Accounts {
    /// Returns a person by id.
    pub fn user(&self, id: UserId) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }

    /// Returns a person by address, in any case.
    pub fn user_by_email(&self, email: &str) -> Option<&User> {
        let email = email.to_lowercase();
        self.users.iter().find(|user| user.email == email)
    }

    /// Returns what a person may do in an organisation, if they belong to it.
    pub fn membership(&self, organization_id: OrganizationId, user_id: UserId) -> Option<&Membership> {
        let is_meant =
            |found: &&Membership| (found.organization_id, found.user_id) == (organization_id, user_id);
        self.memberships.iter().find(is_meant)
    }

    /// Returns where a person belongs, the oldest membership first.
    pub fn memberships_of(&self, user_id: UserId) -> impl Iterator<Item = &Membership> {
        self.memberships.iter().filter(move |found| found.user_id == user_id)
    }
}

/// What lets a person be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// The link of the first visit, by its hash; only while there is nobody.
    FirstVisit(TokenHash),
    /// An invitation, which is used up.
    Invitation(InvitationId),
    /// Somebody who decides for the installation: the command line, or a provider of identities.
    Operator,
}

/// One thing to be done about people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountChange {
    /// Adds a person and what they may do; `Exists` when the address is taken or the admission is no longer good.
    AddUser(User, Membership, Admission),
    /// Lets a person belong to an organisation too; `Exists` when they already do or the admission is not good.
    AddMembership(Membership, Admission),
    /// Gives a member another role and ends their sessions in the organisation; `NotFound` when they are no member,
    /// or its last owner and would be none.
    SetRole(OrganizationId, UserId, Role),
    /// Removes a member and ends their sessions in the organisation; `NotFound` when they are none or its last owner.
    RemoveMember(OrganizationId, UserId),
    /// Gives a person another name.
    RenameUser(UserId, String),
    /// Notes who a person is at the provider of identities, or forgets it; `NotFound` when somebody else is that
    /// already.
    SetOutsideId(UserId, Option<String>),
    /// Sets a password, ends every session of the person and forgets the links that set one. With a link,
    /// `NotFound` unless it is there and theirs.
    SetPassword(UserId, Redacted<String>, Option<TokenHash>),
    /// Adds an invitation, in the place of another one to the same address and organisation.
    AddInvitation(Invitation),
    /// Removes an invitation.
    RemoveInvitation(OrganizationId, InvitationId),
    /// Adds a link that sets a password, in the place of others of the same person.
    AddPasswordLink(PasswordLink),
    /// Adds a session, in the place of another one if one is named, whosever that was, and forgets what is over.
    /// Of one person the [`MAX_SESSIONS`] last used ones are kept.
    AddSession(StoredSession, Option<SessionId>),
    /// Ends a session of a person.
    EndSession(UserId, SessionId),
    /// Ends every session of a person but one; `NotFound` when there is none.
    EndOtherSessions(UserId, SessionId),
    /// Gives an organisation another name; `NotFound` when another one has it.
    RenameOrganization(OrganizationId, String),
}

/// Where people are kept.
pub trait AccountStore: Send + Sync {
    /// Returns everything that is kept about people.
    fn accounts(&self) -> StoreFuture<'_, Accounts>;

    /// Replaces the link that lets the first person in. It is no change: nobody made it.
    fn set_first_visit(&self, hash: TokenHash) -> StoreFuture<'_, ()>;

    /// Notes when sessions were last used; later times win, unknown sessions are ignored.
    fn note_session_uses(&self, uses: Vec<(SessionId, Timestamp)>) -> StoreFuture<'_, ()>;
}

/// Returns an address as it is kept, if it looks like one: something on both sides of its last `@`, at most 254
/// characters, no spaces and no control characters.
pub fn parse_email(text: &str) -> Option<String> {
    let email = text.trim().to_lowercase();
    let is_plain =
        email.chars().count() <= 254 && !email.chars().any(|c| c.is_control() || c.is_whitespace());
    let (local, domain) = email.rsplit_once('@')?;
    let is_address = is_plain && !local.is_empty() && !domain.is_empty() && !domain.starts_with('.');
    is_address.then_some(email)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_addresses_and_refuses_what_is_none() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(parse_email(text).as_deref(), expected, "{text:?}");
        };
        check(" Ada@Example.COM ", Some("ada@example.com"));
        check("a@localhost", Some("a@localhost"));
        check("\"a@b\"@example.com", Some("\"a@b\"@example.com"));
        for none in ["", "@", "a@", "@b", "ada", "a b@example.com", "a@.com", "a\n@example.com"] {
            check(none, None);
        }
        check(&format!("{}@example.com", "a".repeat(300)), None);
    }

    #[test]
    fn each_role_may_do_what_the_one_before_may() {
        let rights =
            Role::ALL.map(|role| (role.permissions().read, role.permissions().write, role.may_manage()));
        let expected = [(true, false, false), (true, true, false), (true, true, true), (true, true, true)];
        assert_eq!(rights, expected);
        assert!(Role::ALL.is_sorted());
        assert_eq!(Role::ALL.map(|role| Role::parse(role.as_str())), Role::ALL.map(Some));
    }
}
