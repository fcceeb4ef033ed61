//! Who is signed in, as the routes about accounts answer it.

use gatehouse_store::accounts::{Accounts, Membership, SessionEntry, Token, User};
use gatehouse_store::control::Organization;
use gatehouse_types::{OrganizationId, SessionId, UserId};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::control::Control;
use crate::error::{ApiError, ErrorKind};

/// Which session, whose, and where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SessionKey {
    pub(crate) id: SessionId,
    pub(crate) user_id: UserId,
    pub(crate) organization_id: OrganizationId,
}

impl From<SessionEntry> for SessionKey {
    fn from(entry: SessionEntry) -> Self {
        Self { id: entry.session_id, user_id: entry.user_id, organization_id: entry.organization_id }
    }
}

/// Who is signed in, and what they may do.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Account, example = json!({
    "user": {
        "id": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff", "email": "ada@example.com", "name": "Ada Lovelace",
        "is_installation_admin": true, "has_password": true
    },
    "organization": {"id": "0199f0a1-0000-7000-8000-000000000001", "name": "Default", "role": "owner"},
    "role": "owner",
    "organizations": [{"id": "0199f0a1-0000-7000-8000-000000000001", "name": "Default", "role": "owner"}],
    "session_id": "5b6a3a52-8ed6-4a3c-9cc1-8f2d6a1b7c10",
    "csrf_token": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
}))]
pub(crate) struct AccountAnswer {
    user: UserAnswer,
    /// The organisation that they work in.
    organization: MemberOf,
    /// What they may do there: `viewer`, `member`, `admin` or `owner`.
    role: &'static str,
    /// Every organisation that they belong to.
    organizations: Vec<MemberOf>,
    /// The session that makes this call.
    session_id: Uuid,
    /// What a call that changes something carries in the header `Gatehouse-CSRF`.
    csrf_token: String,
}

/// A person.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
pub(crate) struct UserAnswer {
    id: Uuid,
    email: String,
    name: String,
    /// Whether they may decide for the whole installation.
    is_installation_admin: bool,
    /// Whether they can sign in with a password.
    has_password: bool,
}

/// An organisation that somebody belongs to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MemberOf)]
pub(crate) struct MemberOf {
    id: Uuid,
    name: String,
    /// `viewer`, `member`, `admin` or `owner`.
    role: &'static str,
}

impl From<&User> for UserAnswer {
    fn from(user: &User) -> Self {
        Self {
            id: user.id.as_uuid(),
            email: user.email.clone(),
            name: user.name.clone(),
            is_installation_admin: user.is_installation_admin,
            has_password: user.password_hash.is_some(),
        }
    }
}

impl AccountAnswer {
    /// Reads what there is to say of a session.
    pub(crate) async fn read(control: &Control, key: SessionKey, token: &Token) -> Result<Self, ApiError> {
        let accounts = control.store().accounts().await?;
        let organizations = control.store().organizations().await?;
        let gone = || ApiError::new(ErrorKind::SessionEnded, "the session has ended: sign in again");
        let user = accounts.user(key.user_id).ok_or_else(gone)?;
        let organizations = memberships(&accounts, &organizations, user);
        let is_current = |found: &&MemberOf| found.id == key.organization_id.as_uuid();
        let current = organizations.iter().find(is_current).ok_or_else(gone)?;
        Ok(Self {
            user: user.into(),
            organization: MemberOf { id: current.id, name: current.name.clone(), role: current.role },
            role: current.role,
            organizations,
            session_id: key.id.as_uuid(),
            csrf_token: token.page_proof(),
        })
    }
}

fn memberships(accounts: &Accounts, organizations: &[Organization], user: &User) -> Vec<MemberOf> {
    let named = |id| organizations.iter().find(|found| found.id == id);
    let answer = |membership: &Membership| {
        let organization = named(membership.organization_id)?;
        let (id, name) = (organization.id.as_uuid(), organization.name.clone());
        Some(MemberOf { id, name, role: membership.role.as_str() })
    };
    accounts.memberships_of(user.id).filter_map(answer).collect()
}
