//! Rows of `audit`, which are only ever added.

use gatehouse_store::StoreError;
use gatehouse_store::audit::{Action, Actor, AuditEntry, AuditQuery};
use gatehouse_types::{KeyId, OrganizationId, UserId};
use sqlx::SqliteConnection;
use uuid::Uuid;

use super::SqliteControlStore;
use crate::error::{InvalidRow, Operation};
use crate::row::{TableRow, read_all};

impl SqliteControlStore {
    pub(super) async fn read_audit(&self, query: AuditQuery) -> Result<Vec<AuditEntry>, StoreError> {
        let operation = Operation::control("read the audit log");
        // Ids are text of one form, so that they compare as the numbers do; nothing is after the greatest.
        let before = query.before.unwrap_or(Uuid::max());
        let rows = sqlx::query(
            "SELECT id, organization_id, happened_at, actor, actor_id, action, subject, detail FROM audit
             WHERE organization_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
        )
        .bind(query.organization_id.to_string())
        .bind(before.to_string())
        .bind(i64::from(query.limit))
        .fetch_all(&self.pool)
        .await
        .map_err(|error| operation.failed(error))?;
        read_all(operation, ("audit", "id"), &rows, entry)
    }
}

/// Adds an entry.
pub(super) async fn add(db: &mut SqliteConnection, added: &AuditEntry) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO audit (id, organization_id, happened_at, actor, actor_id, action, subject, detail)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(added.id.to_string())
    .bind(added.organization_id.to_string())
    .bind(added.at.as_unix_micros())
    .bind(added.actor.kind())
    .bind(added.actor.id())
    .bind(added.action.as_str())
    .bind(&added.subject)
    .bind(&added.detail)
    .execute(db)
    .await?;
    Ok(())
}

fn entry(row: &TableRow<'_>) -> Result<AuditEntry, InvalidRow> {
    let action = |text: &str| Action::ALL.into_iter().find(|action| action.as_str() == text);
    Ok(AuditEntry {
        id: row.parsed("id", |text| Uuid::try_parse(text).ok())?,
        organization_id: row.parsed("organization_id", OrganizationId::parse)?,
        at: row.time("happened_at")?,
        actor: actor(row)?,
        action: row.parsed("action", action)?,
        subject: row.plain("subject")?,
        detail: row.plain("detail")?,
    })
}

fn actor(row: &TableRow<'_>) -> Result<Actor, InvalidRow> {
    let kind: String = row.plain("actor")?;
    match kind.as_str() {
        "key" => row.parsed("actor_id", KeyId::parse).map(Actor::Key),
        "user" => row.parsed("actor_id", UserId::parse).map(Actor::User),
        "command_line" => Ok(Actor::CommandLine),
        "server" => Ok(Actor::Server),
        _ => Err(row.invalid("actor")),
    }
}
