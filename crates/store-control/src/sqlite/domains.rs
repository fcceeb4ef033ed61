//! Rows of `domain`.

use gatehouse_store::StoreError;
use gatehouse_store::domains::{ApprovedBy, Domain, DomainId, DomainKind, DomainStatus};
use gatehouse_types::{OrganizationId, Timestamp};
use sqlx::SqliteConnection;
use uuid::Uuid;

use super::SqliteControlStore;
use crate::error::{InvalidRow, Operation};
use crate::row::{TableRow, read_all};

const PERSONAL: &str = "personal";
const COMPANY: &str = "company";

impl SqliteControlStore {
    pub(super) async fn read_domains(&self) -> Result<Vec<Domain>, StoreError> {
        let operation = Operation::control("read the domains");
        let sql = "SELECT id, organization_id, name, kind, company, status, approved_by, reason, created_at,
                          updated_at, checked_at
                   FROM domain ORDER BY created_at, id";
        read_all(operation, ("domain", "id"), &self.rows(operation, sql).await?, domain)
    }

    pub(super) async fn write_domain_check(&self, id: DomainId, at: Timestamp) -> Result<(), StoreError> {
        let operation = Operation::control("note the check of a domain");
        self.note_check(id, at).await.map_err(|error| operation.failed(error))
    }

    async fn note_check(&self, id: DomainId, at: Timestamp) -> Result<(), sqlx::Error> {
        let mut writing = self.write().await?;
        sqlx::query("UPDATE domain SET checked_at = $1 WHERE id = $2")
            .bind(at.as_unix_micros())
            .bind(id.0.to_string())
            .execute(&mut *writing.transaction)
            .await?;
        writing.transaction.commit().await
    }
}

/// Adds a domain unless the organisation has it; returns how many were added.
pub(super) async fn add(db: &mut SqliteConnection, added: &Domain) -> Result<u64, sqlx::Error> {
    let (kind, company) = match &added.kind {
        DomainKind::Personal => (PERSONAL, None),
        DomainKind::Company(name) => (COMPANY, Some(name)),
    };
    let done = sqlx::query(
        "INSERT INTO domain (id, organization_id, name, kind, company, status, approved_by, reason,
                             created_at, updated_at, checked_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (organization_id, name) DO NOTHING",
    )
    .bind(added.id.0.to_string())
    .bind(added.organization_id.to_string())
    .bind(&added.name)
    .bind(kind)
    .bind(company)
    .bind(added.status.as_str())
    .bind(added.approved_by.map(ApprovedBy::as_str))
    .bind(&added.reason)
    .bind(added.created_at.as_unix_micros())
    .bind(added.updated_at.as_unix_micros())
    .bind(added.checked_at.map(Timestamp::as_unix_micros))
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Replaces the standing of a domain, but an administrator's decision only by another; returns how many were
/// changed.
pub(super) async fn update(db: &mut SqliteConnection, changed: &Domain) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE domain SET status = $1, approved_by = $2, reason = $3, updated_at = $4, checked_at = $5
         WHERE organization_id = $6 AND id = $7
           AND ($8 OR (status <> 'rejected' AND COALESCE(approved_by, '') <> 'administrator'))",
    )
    .bind(changed.status.as_str())
    .bind(changed.approved_by.map(ApprovedBy::as_str))
    .bind(&changed.reason)
    .bind(changed.updated_at.as_unix_micros())
    .bind(changed.checked_at.map(Timestamp::as_unix_micros))
    .bind(changed.organization_id.to_string())
    .bind(changed.id.0.to_string())
    .bind(changed.is_decided())
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Removes a domain; returns how many were removed.
pub(super) async fn remove(
    db: &mut SqliteConnection,
    organization_id: OrganizationId,
    id: DomainId,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query("DELETE FROM domain WHERE organization_id = $1 AND id = $2")
        .bind(organization_id.to_string())
        .bind(id.0.to_string())
        .execute(db)
        .await?;
    Ok(done.rows_affected())
}

fn domain(row: &TableRow<'_>) -> Result<Domain, InvalidRow> {
    let kind = match row.plain::<String>("kind")?.as_str() {
        PERSONAL => DomainKind::Personal,
        COMPANY => DomainKind::Company(row.plain("company")?),
        _ => return Err(row.invalid("kind")),
    };
    let status = |text: &str| DomainStatus::ALL.into_iter().find(|status| status.as_str() == text);
    let approved_by = |text: &str| {
        [ApprovedBy::Record, ApprovedBy::Administrator].into_iter().find(|by| by.as_str() == text)
    };
    Ok(Domain {
        id: row.parsed("id", |text| Uuid::try_parse(text).ok().map(DomainId))?,
        organization_id: row.parsed("organization_id", OrganizationId::parse)?,
        name: row.plain("name")?,
        kind,
        status: row.parsed("status", status)?,
        approved_by: row.parsed_if_any("approved_by", approved_by)?,
        reason: row.plain("reason")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
        checked_at: row.time_if_any("checked_at")?,
    })
}
