//! Rows of `price_override`.

use gatehouse_store::StoreError;
use gatehouse_store::price_overrides::PriceOverride;
use gatehouse_types::{OrganizationId, PriceOverrideId};
use sqlx::SqliteConnection;

use super::SqliteControlStore;
use crate::error::{InvalidRow, Operation};
use crate::row::{TableRow, read_all};

impl SqliteControlStore {
    pub(super) async fn read_price_overrides(&self) -> Result<Vec<PriceOverride>, StoreError> {
        let operation = Operation::control("read the prices that organisations set");
        let sql = "SELECT id, organization_id, price, created_at, updated_at
                   FROM price_override ORDER BY created_at, id";
        read_all(operation, ("price_override", "id"), &self.rows(operation, sql).await?, price)
    }
}

/// Adds a price; returns how many were added.
pub(super) async fn add(db: &mut SqliteConnection, added: &PriceOverride) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO price_override (id, organization_id, price, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING",
    )
    .bind(added.id.to_string())
    .bind(added.organization_id.to_string())
    .bind(&added.row)
    .bind(added.created_at.as_unix_micros())
    .bind(added.updated_at.as_unix_micros())
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Replaces what may change of a price; returns how many were changed.
pub(super) async fn update(db: &mut SqliteConnection, changed: &PriceOverride) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE price_override SET price = $1, updated_at = $2 WHERE organization_id = $3 AND id = $4",
    )
    .bind(&changed.row)
    .bind(changed.updated_at.as_unix_micros())
    .bind(changed.organization_id.to_string())
    .bind(changed.id.to_string())
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Removes a price; returns how many were removed.
pub(super) async fn remove(
    db: &mut SqliteConnection,
    organization_id: OrganizationId,
    id: PriceOverrideId,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query("DELETE FROM price_override WHERE organization_id = $1 AND id = $2")
        .bind(organization_id.to_string())
        .bind(id.to_string())
        .execute(db)
        .await?;
    Ok(done.rows_affected())
}

fn price(row: &TableRow<'_>) -> Result<PriceOverride, InvalidRow> {
    Ok(PriceOverride {
        id: row.parsed("id", PriceOverrideId::parse)?,
        organization_id: row.parsed("organization_id", OrganizationId::parse)?,
        row: row.plain("price")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}
