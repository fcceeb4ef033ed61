//! Rows about people, all read at one moment.

mod people;
mod sessions;

use gatehouse_store::accounts::{
    AccountChange, AccountStore, Accounts, Invitation, Membership, PasswordLink, Role, StoredSession,
    TokenHash, User,
};
use gatehouse_store::{StoreError, StoreFuture};
use gatehouse_types::{
    Clock, InvitationId, OrganizationId, Redacted, SessionId, SystemClock, Timestamp, UserId,
};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::{SqliteControlStore, organizations};
use crate::error::{InvalidRow, Operation};
use crate::hex::{hex, unhex};
use crate::row::{TableRow, read_all};

/// The rows of each table, oldest first.
const USERS: &str = "SELECT id, email, name, password_hash, outside_id, is_installation_admin, created_at
                     FROM person ORDER BY created_at, id";
const MEMBERSHIPS: &str = "SELECT organization_id, person_id, role, created_at
                           FROM membership ORDER BY created_at, organization_id, person_id";
const INVITATIONS: &str = "SELECT id, organization_id, email, role, hash, created_at, expires_at
                           FROM invitation ORDER BY created_at, id";
const SESSIONS: &str =
    "SELECT id, person_id, organization_id, hash, user_agent, address, created_at, expires_at,
                               last_used_at
                        FROM browser_session ORDER BY created_at, id";
const PASSWORD_LINKS: &str =
    "SELECT hash, person_id, expires_at FROM password_link ORDER BY expires_at, hash";
const FIRST_VISIT: &str = "SELECT hash FROM first_visit";

impl AccountStore for SqliteControlStore {
    fn accounts(&self) -> StoreFuture<'_, Accounts> {
        Box::pin(self.read_accounts())
    }

    fn set_first_visit(&self, hash: TokenHash) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            let operation = Operation::control("note the link of the first visit");
            self.replace_first_visit(hash).await.map_err(|error| operation.failed(error))
        })
    }

    fn note_session_uses(&self, uses: Vec<(SessionId, Timestamp)>) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            if uses.is_empty() {
                return Ok(());
            }
            let operation = Operation::control("note the uses of sessions");
            self.write_session_uses(&uses).await.map_err(|error| operation.failed(error))
        })
    }
}

impl SqliteControlStore {
    async fn read_accounts(&self) -> Result<Accounts, StoreError> {
        let operation = Operation::control("read who may sign in");
        let failed = |error| operation.failed(error);
        // Within one transaction all tables are as they were at one moment.
        let mut reading = self.pool.begin().await.map_err(failed)?;
        let users = rows(&mut reading, USERS).await.map_err(failed)?;
        let memberships = rows(&mut reading, MEMBERSHIPS).await.map_err(failed)?;
        let invitations = rows(&mut reading, INVITATIONS).await.map_err(failed)?;
        let sessions = rows(&mut reading, SESSIONS).await.map_err(failed)?;
        let links = rows(&mut reading, PASSWORD_LINKS).await.map_err(failed)?;
        let first_visit = rows(&mut reading, FIRST_VISIT).await.map_err(failed)?;
        reading.rollback().await.map_err(failed)?;
        let hash = |row: &TableRow<'_>| row.parsed("hash", unhex);
        Ok(Accounts {
            users: read_all(operation, ("person", "id"), &users, user)?,
            memberships: read_all(operation, ("membership", "person_id"), &memberships, membership)?,
            invitations: read_all(operation, ("invitation", "id"), &invitations, invitation)?,
            sessions: read_all(operation, ("browser_session", "id"), &sessions, session)?,
            password_links: read_all(operation, ("password_link", "person_id"), &links, password_link)?,
            first_visit: read_all(operation, ("first_visit", "hash"), &first_visit, hash)?.pop(),
        })
    }

    async fn replace_first_visit(&self, added: TokenHash) -> Result<(), sqlx::Error> {
        let mut writing = self.write().await?;
        sqlx::query("DELETE FROM first_visit").execute(&mut *writing.transaction).await?;
        sqlx::query("INSERT INTO first_visit (hash, created_at) VALUES ($1, $2)")
            .bind(hex(&added))
            .bind(SystemClock.now().as_unix_micros())
            .execute(&mut *writing.transaction)
            .await?;
        writing.transaction.commit().await
    }

    async fn write_session_uses(&self, uses: &[(SessionId, Timestamp)]) -> Result<(), sqlx::Error> {
        let mut writing = self.write().await?;
        for (id, at) in uses {
            sqlx::query("UPDATE browser_session SET last_used_at = $1 WHERE id = $2 AND last_used_at < $1")
                .bind(at.as_unix_micros())
                .bind(id.to_string())
                .execute(&mut *writing.transaction)
                .await?;
        }
        writing.transaction.commit().await
    }
}

/// Makes a change about people; returns how many rows it is about.
pub(super) async fn apply(
    db: &mut SqliteConnection,
    change: &AccountChange,
    now: Timestamp,
) -> Result<u64, sqlx::Error> {
    match change {
        AccountChange::AddUser(user, membership, admission) => {
            people::add(db, (user, membership), *admission, now).await
        }
        AccountChange::AddMembership(membership, admission) => {
            people::join(db, membership, *admission, now).await
        }
        AccountChange::SetRole(organization, user, role) => {
            people::set_role(db, (*organization, *user), *role).await
        }
        AccountChange::RemoveMember(organization, user) => people::leave(db, (*organization, *user)).await,
        AccountChange::RenameUser(user, name) => people::rename(db, *user, name).await,
        AccountChange::SetOutsideId(user, outside_id) => {
            people::set_outside_id(db, *user, outside_id.as_deref()).await
        }
        AccountChange::SetPassword(user, hash, link) => {
            people::set_password(db, *user, hash.expose(), link.as_ref(), now).await
        }
        AccountChange::AddInvitation(added) => people::invite(db, added).await,
        AccountChange::RemoveInvitation(organization, id) => {
            people::take_invitation_back(db, *organization, *id).await
        }
        AccountChange::AddPasswordLink(added) => people::add_password_link(db, added).await,
        AccountChange::AddSession(added, replaced) => sessions::add(db, added, *replaced, now).await,
        AccountChange::EndSession(user, id) => sessions::end(db, *user, *id).await,
        AccountChange::EndOtherSessions(user, kept) => sessions::end_others(db, *user, *kept).await,
        AccountChange::RenameOrganization(id, name) => organizations::rename(db, *id, name).await,
    }
}

/// Returns whether a change adds something, which may be there already.
pub(super) const fn adds(change: &AccountChange) -> bool {
    matches!(change, AccountChange::AddUser(..) | AccountChange::AddMembership(..))
}

async fn rows(db: &mut SqliteConnection, sql: &'static str) -> Result<Vec<SqliteRow>, sqlx::Error> {
    sqlx::query(sql).fetch_all(db).await
}

fn user(row: &TableRow<'_>) -> Result<User, InvalidRow> {
    let password_hash: Option<String> = row.plain("password_hash")?;
    Ok(User {
        id: row.parsed("id", UserId::parse)?,
        email: row.plain("email")?,
        name: row.plain("name")?,
        password_hash: password_hash.map(Redacted::new),
        outside_id: row.plain("outside_id")?,
        is_installation_admin: row.plain("is_installation_admin")?,
        created_at: row.time("created_at")?,
    })
}

fn membership(row: &TableRow<'_>) -> Result<Membership, InvalidRow> {
    Ok(Membership {
        organization_id: row.parsed("organization_id", OrganizationId::parse)?,
        user_id: row.parsed("person_id", UserId::parse)?,
        role: row.parsed("role", Role::parse)?,
        created_at: row.time("created_at")?,
    })
}

fn invitation(row: &TableRow<'_>) -> Result<Invitation, InvalidRow> {
    Ok(Invitation {
        id: row.parsed("id", InvitationId::parse)?,
        organization_id: row.parsed("organization_id", OrganizationId::parse)?,
        email: row.plain("email")?,
        role: row.parsed("role", Role::parse)?,
        hash: row.parsed("hash", unhex)?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
    })
}

fn session(row: &TableRow<'_>) -> Result<StoredSession, InvalidRow> {
    Ok(StoredSession {
        id: row.parsed("id", SessionId::parse)?,
        user_id: row.parsed("person_id", UserId::parse)?,
        organization_id: row.parsed("organization_id", OrganizationId::parse)?,
        hash: row.parsed("hash", unhex)?,
        user_agent: row.plain("user_agent")?,
        address: row.plain("address")?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
        last_used_at: row.time("last_used_at")?,
    })
}

fn password_link(row: &TableRow<'_>) -> Result<PasswordLink, InvalidRow> {
    Ok(PasswordLink {
        hash: row.parsed("hash", unhex)?,
        user_id: row.parsed("person_id", UserId::parse)?,
        expires_at: row.time("expires_at")?,
    })
}
