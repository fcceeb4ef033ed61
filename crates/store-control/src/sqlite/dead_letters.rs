//! Rows of `dead_letter`.

use gatehouse_store::StoreError;
use gatehouse_store::webhooks::{DeadLetter, MAX_DEAD_LETTERS};
use gatehouse_types::{OrganizationId, RequestId, WebhookId};
use sqlx::SqliteConnection;
use uuid::Uuid;

use super::SqliteControlStore;
use crate::error::{InvalidRow, Operation};
use crate::row::{TableRow, read_all};

impl SqliteControlStore {
    pub(super) async fn read_dead_letters(
        &self,
        organization_id: OrganizationId,
    ) -> Result<Vec<DeadLetter>, StoreError> {
        let operation = Operation::control("read the dead letters");
        let rows = sqlx::query(
            "SELECT id, webhook_id, organization_id, request_id, body, error, attempts, failed_at
             FROM dead_letter WHERE organization_id = $1 ORDER BY id DESC",
        )
        .bind(organization_id.to_string())
        .fetch_all(&self.pool)
        .await
        .map_err(|error| operation.failed(error))?;
        read_all(operation, ("dead_letter", "id"), &rows, dead_letter)
    }

    pub(super) async fn write_dead_letter(&self, letter: DeadLetter) -> Result<(), StoreError> {
        let operation = Operation::control("keep a dead letter");
        self.keep_dead_letter(&letter).await.map_err(|error| operation.failed(error))
    }

    async fn keep_dead_letter(&self, letter: &DeadLetter) -> Result<(), sqlx::Error> {
        let mut writing = self.write().await?;
        add(&mut writing.transaction, letter).await?;
        remove_all_but_newest(&mut writing.transaction, letter.organization_id).await?;
        writing.transaction.commit().await
    }
}

/// Adds a dead letter of a webhook that is there.
async fn add(db: &mut SqliteConnection, added: &DeadLetter) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO dead_letter (id, webhook_id, organization_id, request_id, body, error, attempts, failed_at)
         SELECT $1, $2, $3, $4, $5, $6, $7, $8
         WHERE EXISTS (SELECT 1 FROM webhook WHERE id = $2 AND organization_id = $3)
         ON CONFLICT (id) DO NOTHING",
    )
    .bind(added.id.to_string())
    .bind(added.webhook_id.to_string())
    .bind(added.organization_id.to_string())
    .bind(added.request_id.to_string())
    .bind(&added.body)
    .bind(&added.error)
    .bind(i64::from(added.attempts))
    .bind(added.failed_at.as_unix_micros())
    .execute(db)
    .await?;
    Ok(())
}

async fn remove_all_but_newest(
    db: &mut SqliteConnection,
    organization_id: OrganizationId,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "DELETE FROM dead_letter WHERE organization_id = $1 AND id NOT IN
             (SELECT id FROM dead_letter WHERE organization_id = $1 ORDER BY id DESC LIMIT $2)",
    )
    .bind(organization_id.to_string())
    .bind(i64::from(MAX_DEAD_LETTERS))
    .execute(db)
    .await?;
    Ok(())
}

/// Removes a dead letter; returns how many were removed.
pub(super) async fn remove(
    db: &mut SqliteConnection,
    organization_id: OrganizationId,
    id: Uuid,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query("DELETE FROM dead_letter WHERE organization_id = $1 AND id = $2")
        .bind(organization_id.to_string())
        .bind(id.to_string())
        .execute(db)
        .await?;
    Ok(done.rows_affected())
}

fn dead_letter(row: &TableRow<'_>) -> Result<DeadLetter, InvalidRow> {
    Ok(DeadLetter {
        id: row.parsed("id", |text| Uuid::try_parse(text).ok())?,
        webhook_id: row.parsed("webhook_id", WebhookId::parse)?,
        organization_id: row.parsed("organization_id", OrganizationId::parse)?,
        request_id: row.parsed("request_id", RequestId::parse)?,
        body: row.plain("body")?,
        error: row.plain("error")?,
        attempts: row.number("attempts")?,
        failed_at: row.time("failed_at")?,
    })
}
