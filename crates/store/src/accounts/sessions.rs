//! Who is signed in, from memory.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use gatehouse_types::{OrganizationId, SessionId, Timestamp, UserId};

use super::{Accounts, Role, Token, TokenHash};
use crate::keys::{LastUse, Uses};

/// When sessions were last used, across views.
pub type SessionUses = Uses<SessionId>;

/// Who is signed in with a session, and what they may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionEntry {
    /// The session.
    pub session_id: SessionId,
    /// The person.
    pub user_id: UserId,
    /// The organisation that they work in.
    pub organization_id: OrganizationId,
    /// What they may do there.
    pub role: Role,
    /// Whether they may decide for the whole installation.
    pub is_installation_admin: bool,
    /// When the session ends, used or not.
    pub expires_at: Timestamp,
}

/// Why a session is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionRefusal {
    /// There is none, or it was ended.
    #[error("has ended")]
    Unknown,
    /// Its time is over, or it was not used for too long.
    #[error("has expired")]
    Expired,
}

/// Every session, in memory; replaced as a whole when the control store changed.
#[derive(Clone, Debug, Default)]
pub struct SessionRing {
    slots: HashMap<TokenHash, Slot>,
    has_people: bool,
}

#[derive(Clone, Debug)]
struct Slot {
    entry: SessionEntry,
    last_use: LastUse,
}

impl SessionRing {
    /// Returns the ring of the sessions in `accounts`, whose uses are noted in `uses`. The session of somebody who no
    /// longer belongs to its organisation is none.
    pub fn new(accounts: &Accounts, uses: &SessionUses) -> Self {
        let people: HashMap<UserId, bool> =
            accounts.users.iter().map(|user| (user.id, user.is_installation_admin)).collect();
        let roles: HashMap<(OrganizationId, UserId), Role> = accounts
            .memberships
            .iter()
            .map(|found| ((found.organization_id, found.user_id), found.role))
            .collect();
        let ids: HashSet<SessionId> = accounts.sessions.iter().map(|session| session.id).collect();
        uses.retain(|id| ids.contains(id));
        let slots = accounts.sessions.iter().filter_map(|session| {
            let entry = SessionEntry {
                session_id: session.id,
                user_id: session.user_id,
                organization_id: session.organization_id,
                role: *roles.get(&(session.organization_id, session.user_id))?,
                is_installation_admin: *people.get(&session.user_id)?,
                expires_at: session.expires_at,
            };
            let last_use = uses.of(session.id, Some(session.last_used_at));
            Some((session.hash, Slot { entry, last_use }))
        });
        Self { slots: slots.collect(), has_people: !accounts.users.is_empty() }
    }

    /// Returns who is signed in with `token`, and notes the use.
    ///
    /// What is looked up is a hash, of which nobody can choose a part.
    ///
    /// # Errors
    /// Tells why the session is not accepted at `now`, where it may stay unused for `idle`.
    pub fn identify(
        &self,
        token: &Token,
        now: Timestamp,
        idle: Duration,
    ) -> Result<&SessionEntry, SessionRefusal> {
        let slot = self.slots.get(&token.hash()).ok_or(SessionRefusal::Unknown)?;
        if slot.entry.expires_at <= now || slot.last_use.at().plus(idle) <= now {
            return Err(SessionRefusal::Expired);
        }
        slot.last_use.note(now);
        Ok(&slot.entry)
    }

    /// Returns whether anybody may sign in.
    pub const fn has_people(&self) -> bool {
        self.has_people
    }

    /// Returns how many there are, expired ones included.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::accounts::{Membership, StoredSession, User};

    const NOW: Timestamp = Timestamp::from_unix_micros(1_000_000_000);
    const IDLE: Duration = Duration::from_hours(1);

    fn accounts(token: &Token) -> Accounts {
        let (user_id, organization_id) = (UserId::generate(), OrganizationId::from_uuid(Uuid::from_u128(2)));
        let user = User {
            id: user_id,
            email: "ada@example.com".to_owned(),
            name: "Ada".to_owned(),
            password_hash: None,
            outside_id: None,
            is_installation_admin: true,
            created_at: NOW,
        };
        let session = StoredSession {
            id: SessionId::generate(),
            user_id,
            organization_id,
            hash: token.hash(),
            user_agent: String::new(),
            address: String::new(),
            created_at: NOW,
            expires_at: NOW.plus(IDLE * 3),
            last_used_at: NOW,
        };
        let membership = Membership { organization_id, user_id, role: Role::Member, created_at: NOW };
        Accounts {
            users: vec![user],
            memberships: vec![membership],
            sessions: vec![session],
            ..Accounts::default()
        }
    }

    #[test]
    fn identifies_a_session_until_it_is_unused_or_over() {
        let (token, other) = (Token::generate().unwrap(), Token::generate().unwrap());
        let (known, uses) = (accounts(&token), SessionUses::default());
        let ring = SessionRing::new(&known, &uses);
        let verdict = |ring: &SessionRing, token: &Token, hours: u32| {
            ring.identify(token, NOW.plus(IDLE * hours / 2), IDLE).map(|entry| entry.role)
        };
        assert_eq!(verdict(&ring, &token, 1), Ok(Role::Member));
        assert_eq!(verdict(&ring, &other, 1), Err(SessionRefusal::Unknown));
        assert_eq!(verdict(&ring, &token, 2), Ok(Role::Member), "the use before counts");
        let again = SessionRing::new(&known, &uses);
        assert_eq!(verdict(&again, &token, 3), Ok(Role::Member), "and in the next view");
        assert_eq!(verdict(&again, &token, 5), Err(SessionRefusal::Expired), "unused");
        assert_eq!(verdict(&again, &token, 4), Ok(Role::Member));
        assert_eq!(verdict(&again, &token, 5), Ok(Role::Member));
        assert_eq!(verdict(&again, &token, 6), Err(SessionRefusal::Expired), "over");
    }

    #[test]
    fn knows_no_session_of_somebody_who_left() {
        let token = Token::generate().unwrap();
        let known = accounts(&token);
        let left = Accounts { memberships: Vec::new(), ..known.clone() };
        assert!(SessionRing::new(&left, &SessionUses::default()).is_empty());
        let gone = Accounts { users: Vec::new(), ..known };
        assert!(SessionRing::new(&gone, &SessionUses::default()).is_empty());
    }
}
