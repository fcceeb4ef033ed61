//! Rows of `proxy_key`, and of `proxy_key_use` beside them.

use gatehouse_store::StoreError;
use gatehouse_store::vault::ProxyKey;
use gatehouse_types::{OrganizationId, ProviderKeyId, ProxyKeyId, Timestamp};
use sqlx::SqliteConnection;

use super::SqliteControlStore;
use crate::error::{InvalidRow, Operation};
use crate::hex::{hex, unhex};
use crate::row::{TableRow, json_list, read_all};

impl SqliteControlStore {
    pub(super) async fn read_proxy_keys(&self) -> Result<Vec<ProxyKey>, StoreError> {
        let operation = Operation::control("read the proxy keys");
        let sql = "SELECT id, organization_id, provider_key_id, name, hash, limits, created_at, expires_at,
                          revoked_at, last_used_at
                   FROM proxy_key LEFT JOIN proxy_key_use ON proxy_key_use.proxy_key_id = proxy_key.id
                   ORDER BY created_at, id";
        read_all(operation, ("proxy_key", "id"), &self.rows(operation, sql).await?, proxy_key)
    }

    pub(super) async fn write_proxy_key_uses(
        &self,
        uses: Vec<(ProxyKeyId, Timestamp)>,
    ) -> Result<(), StoreError> {
        if uses.is_empty() {
            return Ok(());
        }
        let operation = Operation::control("note the uses of proxy keys");
        self.note_proxy_uses(&uses).await.map_err(|error| operation.failed(error))
    }

    async fn note_proxy_uses(&self, uses: &[(ProxyKeyId, Timestamp)]) -> Result<(), sqlx::Error> {
        let mut writing = self.write().await?;
        for (key, at) in uses {
            note_use(&mut writing.transaction, *key, *at).await?;
        }
        writing.transaction.commit().await
    }
}

/// Adds a key unless its hash is there, or the provider's key is not the organisation's or was revoked; returns how
/// many were added.
pub(super) async fn add(db: &mut SqliteConnection, added: &ProxyKey) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO proxy_key (id, organization_id, provider_key_id, name, hash, limits, created_at, expires_at,
                                revoked_at)
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9
         WHERE EXISTS (SELECT 1 FROM provider_key
                       WHERE id = $3 AND organization_id = $2 AND revoked_at IS NULL)
         ON CONFLICT DO NOTHING",
    )
    .bind(added.id.to_string())
    .bind(added.organization_id.to_string())
    .bind(added.provider_key_id.to_string())
    .bind(&added.name)
    .bind(hex(&added.hash))
    .bind(json_list(&added.limits))
    .bind(added.created_at.as_unix_micros())
    .bind(added.expires_at.map(Timestamp::as_unix_micros))
    .bind(added.revoked_at.map(Timestamp::as_unix_micros))
    .execute(&mut *db)
    .await?;
    if let Some(at) = added.last_used_at {
        note_use(db, added.id, at).await?;
    }
    Ok(done.rows_affected())
}

/// Revokes a key that is not; returns how many were changed.
pub(super) async fn revoke(
    db: &mut SqliteConnection,
    (organization_id, id): (OrganizationId, ProxyKeyId),
    now: Timestamp,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE proxy_key SET revoked_at = $1 WHERE organization_id = $2 AND id = $3 AND revoked_at IS NULL",
    )
    .bind(now.as_unix_micros())
    .bind(organization_id.to_string())
    .bind(id.to_string())
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Notes a use of a key that is there, unless a later one is noted.
async fn note_use(db: &mut SqliteConnection, id: ProxyKeyId, at: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO proxy_key_use (proxy_key_id, last_used_at) SELECT id, $2 FROM proxy_key WHERE id = $1
         ON CONFLICT (proxy_key_id) DO UPDATE SET last_used_at = excluded.last_used_at
         WHERE excluded.last_used_at > proxy_key_use.last_used_at",
    )
    .bind(id.to_string())
    .bind(at.as_unix_micros())
    .execute(db)
    .await?;
    Ok(())
}

fn proxy_key(row: &TableRow<'_>) -> Result<ProxyKey, InvalidRow> {
    Ok(ProxyKey {
        id: row.parsed("id", ProxyKeyId::parse)?,
        organization_id: row.parsed("organization_id", OrganizationId::parse)?,
        provider_key_id: row.parsed("provider_key_id", ProviderKeyId::parse)?,
        name: row.plain("name")?,
        hash: row.parsed("hash", unhex)?,
        limits: row.json("limits")?,
        created_at: row.time("created_at")?,
        expires_at: row.time_if_any("expires_at")?,
        revoked_at: row.time_if_any("revoked_at")?,
        last_used_at: row.time_if_any("last_used_at")?,
    })
}
