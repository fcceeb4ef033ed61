//! Rows of `mapper` and `mapper_version`.

use gatehouse_store::StoreError;
use gatehouse_store::mappers::{Mapper, MapperScope, MapperVersion, MappingStatus, SavedMapper};
use gatehouse_types::{MapperId, OrganizationId, RequestId};
use sqlx::SqliteConnection;

use super::SqliteControlStore;
use crate::error::{InvalidRow, Operation};
use crate::row::{TableRow, json_list, read_all};

impl SqliteControlStore {
    pub(super) async fn read_mappers(&self) -> Result<Vec<Mapper>, StoreError> {
        let operation = Operation::control("read the mappers");
        let sql =
            "SELECT id, organization_id, host, method, path, status, active_version, samples, inferred_at,
                          created_at, updated_at
                   FROM mapper ORDER BY created_at, id";
        read_all(operation, ("mapper", "id"), &self.rows(operation, sql).await?, mapper)
    }

    pub(super) async fn read_active_mapper_versions(&self) -> Result<Vec<MapperVersion>, StoreError> {
        let operation = Operation::control("read the mappings in force");
        let sql =
            "SELECT v.mapper_id, v.organization_id, v.version, v.parent, v.status, v.document, v.report,
                          v.created_by, v.created_at
                   FROM mapper m JOIN mapper_version v ON v.mapper_id = m.id AND v.version = m.active_version
                   ORDER BY m.created_at, m.id";
        read_all(operation, ("mapper_version", "mapper_id"), &self.rows(operation, sql).await?, version)
    }

    pub(super) async fn read_mapper_versions(
        &self,
        organization_id: OrganizationId,
        id: MapperId,
    ) -> Result<Vec<MapperVersion>, StoreError> {
        let operation = Operation::control("read the versions of a mapper");
        let rows = sqlx::query(
            "SELECT mapper_id, organization_id, version, parent, status, document, report, created_by, created_at
             FROM mapper_version WHERE organization_id = $1 AND mapper_id = $2 ORDER BY version",
        )
        .bind(organization_id.to_string())
        .bind(id.to_string())
        .fetch_all(&self.pool)
        .await
        .map_err(|error| operation.failed(error))?;
        read_all(operation, ("mapper_version", "mapper_id"), &rows, version)
    }
}

/// Adds a mapper or replaces what may change of it, with versions; returns 0 when its scope has another one
/// or it was changed meanwhile.
pub(super) async fn save(db: &mut SqliteConnection, saved: &SavedMapper) -> Result<u64, sqlx::Error> {
    let mapper = &saved.mapper;
    let done = sqlx::query(
        "INSERT INTO mapper (id, organization_id, host, method, path, status, active_version, samples,
                             inferred_at, created_at, updated_at)
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11
         WHERE NOT EXISTS (SELECT 1 FROM mapper WHERE organization_id = $2 AND host = $3 AND method = $4
                                                  AND path = $5 AND id <> $1)
               AND (SELECT updated_at FROM mapper WHERE id = $1) IS $12
         ON CONFLICT (id) DO UPDATE SET status = excluded.status, active_version = excluded.active_version,
                samples = excluded.samples, inferred_at = excluded.inferred_at, updated_at = excluded.updated_at
         WHERE mapper.organization_id = excluded.organization_id",
    )
    .bind(mapper.id.to_string())
    .bind(mapper.organization_id.to_string())
    .bind(&mapper.scope.host)
    .bind(&mapper.scope.method)
    .bind(&mapper.scope.path)
    .bind(mapper.status.as_str())
    .bind(mapper.active_version.map(i64::from))
    .bind(json_list(&mapper.samples))
    .bind(mapper.inferred_at.map(|at| at.as_unix_micros()))
    .bind(mapper.created_at.as_unix_micros())
    .bind(mapper.updated_at.as_unix_micros())
    .bind(saved.seen.map(|at| at.as_unix_micros()))
    .execute(&mut *db)
    .await?
    .rows_affected();
    if done > 0 {
        for version in &saved.versions {
            save_version(db, version).await?;
        }
    }
    Ok(done)
}

/// Adds a version, or replaces its status.
async fn save_version(db: &mut SqliteConnection, version: &MapperVersion) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO mapper_version (mapper_id, organization_id, version, parent, status, document, report,
                                     created_by, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (mapper_id, version) DO UPDATE SET status = excluded.status
         WHERE mapper_version.organization_id = excluded.organization_id",
    )
    .bind(version.mapper_id.to_string())
    .bind(version.organization_id.to_string())
    .bind(i64::from(version.version))
    .bind(version.parent.map(i64::from))
    .bind(version.status.as_str())
    .bind(&version.document)
    .bind(&version.report)
    .bind(&version.created_by)
    .bind(version.created_at.as_unix_micros())
    .execute(db)
    .await?;
    Ok(())
}

/// Removes a mapper and its versions; returns how many mappers were removed.
pub(super) async fn remove(
    db: &mut SqliteConnection,
    organization_id: OrganizationId,
    id: MapperId,
) -> Result<u64, sqlx::Error> {
    sqlx::query("DELETE FROM mapper_version WHERE organization_id = $1 AND mapper_id = $2")
        .bind(organization_id.to_string())
        .bind(id.to_string())
        .execute(&mut *db)
        .await?;
    let done = sqlx::query("DELETE FROM mapper WHERE organization_id = $1 AND id = $2")
        .bind(organization_id.to_string())
        .bind(id.to_string())
        .execute(db)
        .await?;
    Ok(done.rows_affected())
}

fn mapper(row: &TableRow<'_>) -> Result<Mapper, InvalidRow> {
    let active: Option<i64> = row.plain("active_version")?;
    let active_version = active.map(u32::try_from).transpose().map_err(|_| row.invalid("active_version"))?;
    Ok(Mapper {
        id: row.parsed("id", MapperId::parse)?,
        organization_id: row.parsed("organization_id", OrganizationId::parse)?,
        scope: MapperScope {
            host: row.plain("host")?,
            method: row.plain("method")?,
            path: row.plain("path")?,
        },
        status: row.parsed("status", MappingStatus::parse)?,
        active_version,
        samples: row.json::<Vec<RequestId>>("samples")?,
        inferred_at: row.time_if_any("inferred_at")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}

fn version(row: &TableRow<'_>) -> Result<MapperVersion, InvalidRow> {
    let parent: Option<i64> = row.plain("parent")?;
    Ok(MapperVersion {
        mapper_id: row.parsed("mapper_id", MapperId::parse)?,
        organization_id: row.parsed("organization_id", OrganizationId::parse)?,
        version: row.number("version")?,
        parent: parent.map(u32::try_from).transpose().map_err(|_| row.invalid("parent"))?,
        status: row.parsed("status", MappingStatus::parse)?,
        document: row.plain("document")?,
        report: row.plain("report")?,
        created_by: row.plain("created_by")?,
        created_at: row.time("created_at")?,
    })
}
