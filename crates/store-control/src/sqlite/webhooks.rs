//! Rows of `webhook`.

use gatehouse_store::StoreError;
use gatehouse_store::webhooks::Webhook;
use gatehouse_types::{OrganizationId, WebhookId};
use sqlx::SqliteConnection;

use super::SqliteControlStore;
use crate::error::{InvalidRow, Operation};
use crate::hex::{hex, sealed};
use crate::row::{TableRow, json_list, read_all};

impl SqliteControlStore {
    pub(super) async fn read_webhooks(&self) -> Result<Vec<Webhook>, StoreError> {
        let operation = Operation::control("read the webhooks");
        let sql =
            "SELECT id, organization_id, destination, secret, sample_rate, property_filters, include_data,
                          is_active, created_at
                   FROM webhook ORDER BY created_at, id";
        read_all(operation, ("webhook", "id"), &self.rows(operation, sql).await?, webhook)
    }
}

/// Adds a webhook; returns how many were added.
pub(super) async fn add(db: &mut SqliteConnection, added: &Webhook) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO webhook (id, organization_id, destination, secret, sample_rate, property_filters,
                              include_data, is_active, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING",
    )
    .bind(added.id.to_string())
    .bind(added.organization_id.to_string())
    .bind(&added.destination)
    .bind(hex(added.secret.as_bytes()))
    .bind(i64::from(added.sample_rate))
    .bind(json_list(&added.property_filters))
    .bind(added.include_data)
    .bind(added.is_active)
    .bind(added.created_at.as_unix_micros())
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Replaces what may change of a webhook; returns how many were changed.
pub(super) async fn update(db: &mut SqliteConnection, changed: &Webhook) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE webhook SET destination = $1, secret = $2, sample_rate = $3, property_filters = $4,
                            include_data = $5, is_active = $6
         WHERE organization_id = $7 AND id = $8",
    )
    .bind(&changed.destination)
    .bind(hex(changed.secret.as_bytes()))
    .bind(i64::from(changed.sample_rate))
    .bind(json_list(&changed.property_filters))
    .bind(changed.include_data)
    .bind(changed.is_active)
    .bind(changed.organization_id.to_string())
    .bind(changed.id.to_string())
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Removes a webhook and its dead letters; returns how many webhooks were removed.
pub(super) async fn remove(
    db: &mut SqliteConnection,
    organization_id: OrganizationId,
    id: WebhookId,
) -> Result<u64, sqlx::Error> {
    sqlx::query("DELETE FROM dead_letter WHERE organization_id = $1 AND webhook_id = $2")
        .bind(organization_id.to_string())
        .bind(id.to_string())
        .execute(&mut *db)
        .await?;
    let done = sqlx::query("DELETE FROM webhook WHERE organization_id = $1 AND id = $2")
        .bind(organization_id.to_string())
        .bind(id.to_string())
        .execute(db)
        .await?;
    Ok(done.rows_affected())
}

fn webhook(row: &TableRow<'_>) -> Result<Webhook, InvalidRow> {
    Ok(Webhook {
        id: row.parsed("id", WebhookId::parse)?,
        organization_id: row.parsed("organization_id", OrganizationId::parse)?,
        destination: row.plain("destination")?,
        secret: row.parsed("secret", sealed)?,
        sample_rate: row.number("sample_rate")?,
        property_filters: row.json("property_filters")?,
        include_data: row.plain("include_data")?,
        is_active: row.plain("is_active")?,
        created_at: row.time("created_at")?,
    })
}
