//! Rows of `host_rule`.

use gatehouse_store::StoreError;
use gatehouse_store::domains::{Effect, HostRule, HostRuleId};
use gatehouse_types::OrganizationId;
use sqlx::SqliteConnection;
use uuid::Uuid;

use super::SqliteControlStore;
use crate::error::{InvalidRow, Operation};
use crate::row::{TableRow, read_all};

impl SqliteControlStore {
    pub(super) async fn read_host_rules(&self) -> Result<Vec<HostRule>, StoreError> {
        let operation = Operation::control("read the host rules");
        let sql =
            "SELECT id, organization_id, pattern, effect, created_at FROM host_rule ORDER BY created_at, id";
        read_all(operation, ("host_rule", "id"), &self.rows(operation, sql).await?, host_rule)
    }
}

/// Adds a rule unless the organisation has one for its pattern; returns how many were added.
pub(super) async fn add(db: &mut SqliteConnection, added: &HostRule) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO host_rule (id, organization_id, pattern, effect, created_at)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (organization_id, pattern) DO NOTHING",
    )
    .bind(added.id.0.to_string())
    .bind(added.organization_id.to_string())
    .bind(added.pattern.to_string())
    .bind(added.effect.as_str())
    .bind(added.created_at.as_unix_micros())
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Removes a rule; returns how many were removed.
pub(super) async fn remove(
    db: &mut SqliteConnection,
    organization_id: OrganizationId,
    id: HostRuleId,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query("DELETE FROM host_rule WHERE organization_id = $1 AND id = $2")
        .bind(organization_id.to_string())
        .bind(id.0.to_string())
        .execute(db)
        .await?;
    Ok(done.rows_affected())
}

fn host_rule(row: &TableRow<'_>) -> Result<HostRule, InvalidRow> {
    let effect =
        |text: &str| [Effect::Allow, Effect::Deny].into_iter().find(|effect| effect.as_str() == text);
    Ok(HostRule {
        id: row.parsed("id", |text| Uuid::try_parse(text).ok().map(HostRuleId))?,
        organization_id: row.parsed("organization_id", OrganizationId::parse)?,
        pattern: row.parsed("pattern", |text| text.parse().ok())?,
        effect: row.parsed("effect", effect)?,
        created_at: row.time("created_at")?,
    })
}
