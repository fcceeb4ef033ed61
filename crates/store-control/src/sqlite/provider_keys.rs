//! Rows of `provider_key`.

use gatehouse_seal::Sealed;
use gatehouse_store::StoreError;
use gatehouse_store::vault::ProviderKey;
use gatehouse_types::{OrganizationId, ProviderKeyId, Timestamp};
use sqlx::SqliteConnection;

use super::SqliteControlStore;
use crate::error::{InvalidRow, Operation};
use crate::hex::{hex, sealed};
use crate::row::{TableRow, json_list, read_all};

impl SqliteControlStore {
    pub(super) async fn read_provider_keys(&self) -> Result<Vec<ProviderKey>, StoreError> {
        let operation = Operation::control("read the providers' keys");
        let sql =
            "SELECT id, organization_id, name, provider, hosts, secret, extra_secret, config, is_active,
                          created_at, updated_at, revoked_at
                   FROM provider_key ORDER BY created_at, id";
        read_all(operation, ("provider_key", "id"), &self.rows(operation, sql).await?, provider_key)
    }
}

/// Adds a provider's key; returns how many were added.
pub(super) async fn add(db: &mut SqliteConnection, added: &ProviderKey) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO provider_key (id, organization_id, name, provider, hosts, secret, extra_secret, config,
                                   is_active, created_at, updated_at, revoked_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (id) DO NOTHING",
    )
    .bind(added.id.to_string())
    .bind(added.organization_id.to_string())
    .bind(&added.name)
    .bind(&added.provider)
    .bind(json_list(&added.hosts))
    .bind(hex(added.secret.as_bytes()))
    .bind(added.extra_secret.as_ref().map(text))
    .bind(&added.config)
    .bind(added.is_active)
    .bind(added.created_at.as_unix_micros())
    .bind(added.updated_at.as_unix_micros())
    .bind(added.revoked_at.map(Timestamp::as_unix_micros))
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Replaces what may change of a key that is not revoked; returns how many were changed.
pub(super) async fn update(db: &mut SqliteConnection, changed: &ProviderKey) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE provider_key SET name = $1, hosts = $2, secret = $3, extra_secret = $4, config = $5,
                                 is_active = $6, updated_at = $7
         WHERE organization_id = $8 AND id = $9 AND revoked_at IS NULL",
    )
    .bind(&changed.name)
    .bind(json_list(&changed.hosts))
    .bind(hex(changed.secret.as_bytes()))
    .bind(changed.extra_secret.as_ref().map(text))
    .bind(&changed.config)
    .bind(changed.is_active)
    .bind(changed.updated_at.as_unix_micros())
    .bind(changed.organization_id.to_string())
    .bind(changed.id.to_string())
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Returns how many keys there are by that id that are not revoked.
pub(super) async fn count(
    db: &mut SqliteConnection,
    (organization_id, id): (OrganizationId, ProviderKeyId),
) -> Result<u64, sqlx::Error> {
    let found: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM provider_key WHERE organization_id = $1 AND id = $2 AND revoked_at IS NULL",
    )
    .bind(organization_id.to_string())
    .bind(id.to_string())
    .fetch_one(db)
    .await?;
    Ok(u64::try_from(found).unwrap_or_default())
}

/// Revokes a key that is not, and erases its secrets; returns how many were changed.
pub(super) async fn revoke(
    db: &mut SqliteConnection,
    (organization_id, id): (OrganizationId, ProviderKeyId),
    now: Timestamp,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE provider_key SET secret = '', extra_secret = NULL, revoked_at = $1, updated_at = $1
         WHERE organization_id = $2 AND id = $3 AND revoked_at IS NULL",
    )
    .bind(now.as_unix_micros())
    .bind(organization_id.to_string())
    .bind(id.to_string())
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

fn text(secret: &Sealed) -> String {
    hex(secret.as_bytes())
}

fn provider_key(row: &TableRow<'_>) -> Result<ProviderKey, InvalidRow> {
    Ok(ProviderKey {
        id: row.parsed("id", ProviderKeyId::parse)?,
        organization_id: row.parsed("organization_id", OrganizationId::parse)?,
        name: row.plain("name")?,
        provider: row.plain("provider")?,
        hosts: row.json("hosts")?,
        secret: row.parsed("secret", sealed)?,
        extra_secret: row.parsed_if_any("extra_secret", sealed)?,
        config: row.plain("config")?,
        is_active: row.plain("is_active")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
        revoked_at: row.time_if_any("revoked_at")?,
    })
}
