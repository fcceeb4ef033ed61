//! Rows of `organization`.

use gatehouse_store::StoreError;
use gatehouse_store::control::Organization;
use gatehouse_types::{Clock, OrganizationId, SystemClock};
use sqlx::SqliteConnection;
use uuid::Uuid;

use super::SqliteControlStore;
use crate::error::{InvalidRow, Operation};
use crate::row::{TableRow, read_all};

/// The organisation of a single-tenant installation.
const DEFAULT_SLUG: &str = "default";
/// Its name, unless it gets another.
const DEFAULT_NAME: &str = "Default";

impl SqliteControlStore {
    pub(super) async fn read_organizations(&self) -> Result<Vec<Organization>, StoreError> {
        let operation = Operation::control("read the organisations");
        let sql = "SELECT id, name, created_at FROM organization ORDER BY created_at, id";
        read_all(operation, ("organization", "id"), &self.rows(operation, sql).await?, organization)
    }

    pub(super) async fn find_or_make_default(&self) -> Result<Organization, StoreError> {
        if let Some(found) = self.find_default().await? {
            return Ok(found);
        }
        let operation = Operation::control("make the default organisation");
        self.make_default().await.map_err(|error| operation.failed(error))?;
        let missing = || operation.failed(sqlx::Error::RowNotFound);
        self.find_default().await?.ok_or_else(missing)
    }

    async fn find_default(&self) -> Result<Option<Organization>, StoreError> {
        let operation = Operation::control("read the default organisation");
        let rows = sqlx::query("SELECT id, name, created_at FROM organization WHERE slug = $1")
            .bind(DEFAULT_SLUG)
            .fetch_all(&self.pool)
            .await
            .map_err(|error| operation.failed(error))?;
        let mut found = read_all(operation, ("organization", "id"), &rows, organization)?;
        Ok(found.pop())
    }

    /// Makes the default organisation unless it is there: another process may have made it just now. One
    /// that has its name already becomes it.
    async fn make_default(&self) -> Result<(), sqlx::Error> {
        let mut writing = self.write().await?;
        sqlx::query(
            "INSERT INTO organization (id, slug, name, created_at)
             SELECT $1, $2, $3, $4 WHERE NOT EXISTS (SELECT 1 FROM organization WHERE slug = $2)
             ON CONFLICT (name) DO UPDATE SET slug = excluded.slug",
        )
        .bind(Uuid::now_v7().to_string())
        .bind(DEFAULT_SLUG)
        .bind(DEFAULT_NAME)
        .bind(SystemClock.now().as_unix_micros())
        .execute(&mut *writing.transaction)
        .await?;
        writing.transaction.commit().await
    }
}

/// Adds an organisation unless its name is taken; returns how many were added.
pub(super) async fn add(db: &mut SqliteConnection, added: &Organization) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO organization (id, name, created_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING",
    )
    .bind(added.id.to_string())
    .bind(&added.name)
    .bind(added.created_at.as_unix_micros())
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Gives an organisation another name, unless another one has it; returns how many were changed.
pub(super) async fn rename(
    db: &mut SqliteConnection,
    id: OrganizationId,
    name: &str,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE organization SET name = $1
         WHERE id = $2 AND NOT EXISTS (SELECT 1 FROM organization WHERE name = $1 AND id <> $2)",
    )
    .bind(name)
    .bind(id.to_string())
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

fn organization(row: &TableRow<'_>) -> Result<Organization, InvalidRow> {
    Ok(Organization {
        id: row.parsed("id", OrganizationId::parse)?,
        name: row.plain("name")?,
        created_at: row.time("created_at")?,
    })
}
