//! Rows of `api_key`, and of `key_use` beside them.

use gatehouse_store::StoreError;
use gatehouse_store::control::{Permissions, StoredKey};
use gatehouse_types::{KeyId, OrganizationId, Timestamp};
use sqlx::SqliteConnection;

use super::SqliteControlStore;
use crate::error::{InvalidRow, Operation};
use crate::hex::{hex, unhex};
use crate::row::{TableRow, read_all};

impl SqliteControlStore {
    pub(super) async fn read_keys(&self) -> Result<Vec<StoredKey>, StoreError> {
        let operation = Operation::control("read the keys");
        let sql = "SELECT id, organization_id, name, hash, permissions, is_admin, created_at, updated_at,
                          expires_at, revoked_at, last_used_at
                   FROM api_key LEFT JOIN key_use ON key_use.key_id = api_key.id
                   ORDER BY created_at, id";
        read_all(operation, ("api_key", "id"), &self.rows(operation, sql).await?, stored_key)
    }

    pub(super) async fn read_keys_of(
        &self,
        organization_id: OrganizationId,
    ) -> Result<Vec<StoredKey>, StoreError> {
        let operation = Operation::control("read an organisation's keys");
        let rows = sqlx::query(
            "SELECT id, organization_id, name, hash, permissions, is_admin, created_at, updated_at,
                    expires_at, revoked_at, last_used_at
             FROM api_key LEFT JOIN key_use ON key_use.key_id = api_key.id
             WHERE organization_id = $1 ORDER BY created_at, id",
        )
        .bind(organization_id.to_string())
        .fetch_all(&self.pool)
        .await
        .map_err(|error| operation.failed(error))?;
        read_all(operation, ("api_key", "id"), &rows, stored_key)
    }

    pub(super) async fn write_key_uses(&self, uses: Vec<(KeyId, Timestamp)>) -> Result<(), StoreError> {
        if uses.is_empty() {
            return Ok(());
        }
        let operation = Operation::control("note the uses of keys");
        self.note_uses(&uses).await.map_err(|error| operation.failed(error))
    }

    async fn note_uses(&self, uses: &[(KeyId, Timestamp)]) -> Result<(), sqlx::Error> {
        let mut writing = self.write().await?;
        for (key, at) in uses {
            note_use(&mut writing.transaction, *key, *at).await?;
        }
        writing.transaction.commit().await
    }
}

/// Adds a key unless its hash is there; returns how many were added.
pub(super) async fn add(db: &mut SqliteConnection, added: &StoredKey) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO api_key (id, organization_id, name, hash, permissions, is_admin, created_at, updated_at,
                              expires_at, revoked_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (hash) DO NOTHING",
    )
    .bind(added.id.to_string())
    .bind(added.organization_id.to_string())
    .bind(&added.name)
    .bind(hex(&added.hash))
    .bind(added.permissions.as_str())
    .bind(added.is_admin)
    .bind(added.created_at.as_unix_micros())
    .bind(added.updated_at.as_unix_micros())
    .bind(added.expires_at.map(Timestamp::as_unix_micros))
    .bind(added.revoked_at.map(Timestamp::as_unix_micros))
    .execute(&mut *db)
    .await?;
    if let Some(at) = added.last_used_at {
        note_use(db, added.id, at).await?;
    }
    Ok(done.rows_affected())
}

/// Gives a key that is not revoked another name; returns how many were changed.
pub(super) async fn rename(
    db: &mut SqliteConnection,
    (organization_id, id): (OrganizationId, KeyId),
    name: &str,
    now: Timestamp,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE api_key SET name = $1, updated_at = $2
         WHERE organization_id = $3 AND id = $4 AND revoked_at IS NULL",
    )
    .bind(name)
    .bind(now.as_unix_micros())
    .bind(organization_id.to_string())
    .bind(id.to_string())
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Revokes a key that is not; returns how many were changed.
pub(super) async fn revoke(
    db: &mut SqliteConnection,
    (organization_id, id): (OrganizationId, KeyId),
    now: Timestamp,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE api_key SET revoked_at = $1, updated_at = $1
         WHERE organization_id = $2 AND id = $3 AND revoked_at IS NULL",
    )
    .bind(now.as_unix_micros())
    .bind(organization_id.to_string())
    .bind(id.to_string())
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Notes a use of a key that is there, unless a later one is noted.
async fn note_use(db: &mut SqliteConnection, id: KeyId, at: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO key_use (key_id, last_used_at) SELECT id, $2 FROM api_key WHERE id = $1
         ON CONFLICT (key_id) DO UPDATE SET last_used_at = excluded.last_used_at
         WHERE excluded.last_used_at > key_use.last_used_at",
    )
    .bind(id.to_string())
    .bind(at.as_unix_micros())
    .execute(db)
    .await?;
    Ok(())
}

fn stored_key(row: &TableRow<'_>) -> Result<StoredKey, InvalidRow> {
    Ok(StoredKey {
        id: row.parsed("id", KeyId::parse)?,
        organization_id: row.parsed("organization_id", OrganizationId::parse)?,
        name: row.plain("name")?,
        hash: row.parsed("hash", unhex)?,
        permissions: row.parsed("permissions", Permissions::parse)?,
        is_admin: row.plain("is_admin")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
        expires_at: row.time_if_any("expires_at")?,
        revoked_at: row.time_if_any("revoked_at")?,
        last_used_at: row.time_if_any("last_used_at")?,
    })
}
