//! Rows of `rate_limit`.

use gatehouse_store::StoreError;
use gatehouse_store::rate_limits::RateLimitRule;
use gatehouse_types::{KeyId, OrganizationId, RateLimitId};
use sqlx::SqliteConnection;

use super::SqliteControlStore;
use crate::error::{InvalidRow, Operation};
use crate::row::{TableRow, read_all};

impl SqliteControlStore {
    pub(super) async fn read_rate_limits(&self) -> Result<Vec<RateLimitRule>, StoreError> {
        let operation = Operation::control("read the rules that limit calls");
        let sql = "SELECT id, organization_id, api_key_id, name, policy, is_enabled, created_at, updated_at
                   FROM rate_limit ORDER BY created_at, id";
        read_all(operation, ("rate_limit", "id"), &self.rows(operation, sql).await?, rule)
    }
}

/// Adds a rule unless it is about a key that is not the organisation's; returns how many were added.
pub(super) async fn add(db: &mut SqliteConnection, added: &RateLimitRule) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO rate_limit (id, organization_id, api_key_id, name, policy, is_enabled, created_at, updated_at)
         SELECT $1, $2, $3, $4, $5, $6, $7, $8
         WHERE $3 IS NULL OR EXISTS (SELECT 1 FROM api_key WHERE id = $3 AND organization_id = $2)",
    )
    .bind(added.id.to_string())
    .bind(added.organization_id.to_string())
    .bind(added.key_id.map(|id| id.to_string()))
    .bind(&added.name)
    .bind(&added.policy)
    .bind(added.is_enabled)
    .bind(added.created_at.as_unix_micros())
    .bind(added.updated_at.as_unix_micros())
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Replaces what may change of a rule; returns how many were changed.
pub(super) async fn update(db: &mut SqliteConnection, changed: &RateLimitRule) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE rate_limit SET name = $1, policy = $2, is_enabled = $3, updated_at = $4
         WHERE organization_id = $5 AND id = $6",
    )
    .bind(&changed.name)
    .bind(&changed.policy)
    .bind(changed.is_enabled)
    .bind(changed.updated_at.as_unix_micros())
    .bind(changed.organization_id.to_string())
    .bind(changed.id.to_string())
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Removes a rule; returns how many were removed.
pub(super) async fn remove(
    db: &mut SqliteConnection,
    organization_id: OrganizationId,
    id: RateLimitId,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query("DELETE FROM rate_limit WHERE organization_id = $1 AND id = $2")
        .bind(organization_id.to_string())
        .bind(id.to_string())
        .execute(db)
        .await?;
    Ok(done.rows_affected())
}

fn rule(row: &TableRow<'_>) -> Result<RateLimitRule, InvalidRow> {
    Ok(RateLimitRule {
        id: row.parsed("id", RateLimitId::parse)?,
        organization_id: row.parsed("organization_id", OrganizationId::parse)?,
        key_id: row.parsed_if_any("api_key_id", KeyId::parse)?,
        name: row.plain("name")?,
        policy: row.plain("policy")?,
        is_enabled: row.plain("is_enabled")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}
