//! Rows of `saved_query`, `saved_filter`, `hidden_property` and `session_tag`.

mod tags;

use gatehouse_store::desk::{DeskChange, DeskStore, SavedFilter, SavedQuery, SessionTag, Tagged};
use gatehouse_store::{StoreError, StoreFuture};
use gatehouse_types::{OrganizationId, SavedFilterId, SavedQueryId};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::SqliteControlStore;
use crate::error::{InvalidRow, Operation};
use crate::row::{TableRow, read_all};

impl DeskStore for SqliteControlStore {
    fn saved_queries(&self, organization_id: OrganizationId) -> StoreFuture<'_, Vec<SavedQuery>> {
        Box::pin(async move {
            let operation = Operation::control("read the saved queries");
            let sql = "SELECT id, organization_id, name, sql, created_at, updated_at
                       FROM saved_query WHERE organization_id = $1 ORDER BY created_at, id";
            let rows = self.rows_of(operation, sql, organization_id).await?;
            read_all(operation, ("saved_query", "id"), &rows, query)
        })
    }

    fn saved_filters(&self, organization_id: OrganizationId) -> StoreFuture<'_, Vec<SavedFilter>> {
        Box::pin(async move {
            let operation = Operation::control("read the saved filters");
            let sql = "SELECT id, organization_id, name, filter, created_at, updated_at
                       FROM saved_filter WHERE organization_id = $1 ORDER BY created_at, id";
            let rows = self.rows_of(operation, sql, organization_id).await?;
            read_all(operation, ("saved_filter", "id"), &rows, filter)
        })
    }

    fn hidden_properties(&self, organization_id: OrganizationId) -> StoreFuture<'_, Vec<String>> {
        Box::pin(async move {
            let operation = Operation::control("read the hidden properties");
            let sql = "SELECT name FROM hidden_property WHERE organization_id = $1 ORDER BY name";
            let rows = self.rows_of(operation, sql, organization_id).await?;
            read_all(operation, ("hidden_property", "name"), &rows, |row| row.plain("name"))
        })
    }

    fn session_tag(
        &self,
        organization_id: OrganizationId,
        session_id: String,
    ) -> StoreFuture<'_, Option<String>> {
        Box::pin(self.read_session_tag(organization_id, session_id))
    }

    fn session_tags(&self, organization_id: OrganizationId) -> StoreFuture<'_, Vec<SessionTag>> {
        Box::pin(self.read_session_tags(organization_id))
    }

    fn tag_session(&self, tag: SessionTag) -> StoreFuture<'_, Tagged> {
        Box::pin(self.write_session_tag(tag))
    }

    fn untag_session(&self, organization_id: OrganizationId, session_id: String) -> StoreFuture<'_, ()> {
        Box::pin(self.remove_session_tag(organization_id, session_id))
    }
}

impl SqliteControlStore {
    /// Returns all rows of a query whose only parameter is an organisation.
    async fn rows_of(
        &self,
        operation: Operation,
        sql: &'static str,
        organization_id: OrganizationId,
    ) -> Result<Vec<SqliteRow>, StoreError> {
        let rows = sqlx::query(sql).bind(organization_id.to_string()).fetch_all(&self.pool);
        rows.await.map_err(|error| operation.failed(error))
    }
}

/// Makes a change; returns how many rows it is about.
pub(super) async fn apply(db: &mut SqliteConnection, change: &DeskChange) -> Result<u64, sqlx::Error> {
    match change {
        DeskChange::AddQuery(added) => add_query(db, added).await,
        DeskChange::UpdateQuery(changed) => update_query(db, changed).await,
        DeskChange::RemoveQuery(owner, id) => {
            edit(db, "DELETE FROM saved_query WHERE organization_id = $1 AND id = $2", *owner, id).await
        }
        DeskChange::AddFilter(added) => add_filter(db, added).await,
        DeskChange::UpdateFilter(changed) => update_filter(db, changed).await,
        DeskChange::RemoveFilter(owner, id) => {
            edit(db, "DELETE FROM saved_filter WHERE organization_id = $1 AND id = $2", *owner, id).await
        }
        DeskChange::HideProperty(owner, name) => {
            let sql =
                "INSERT INTO hidden_property (organization_id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING";
            edit(db, sql, *owner, name).await
        }
        DeskChange::RestoreProperty(owner, name) => {
            edit(db, "DELETE FROM hidden_property WHERE organization_id = $1 AND name = $2", *owner, name)
                .await
        }
    }
}

/// Runs a statement whose parameters are an organisation and a name; returns how many rows it is about.
async fn edit(
    db: &mut SqliteConnection,
    sql: &'static str,
    owner: OrganizationId,
    name: impl ToString,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(sql).bind(owner.to_string()).bind(name.to_string()).execute(db).await?;
    Ok(done.rows_affected())
}

async fn add_query(db: &mut SqliteConnection, added: &SavedQuery) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO saved_query (id, organization_id, name, sql, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING",
    )
    .bind(added.id.to_string())
    .bind(added.organization_id.to_string())
    .bind(&added.name)
    .bind(&added.sql)
    .bind(added.created_at.as_unix_micros())
    .bind(added.updated_at.as_unix_micros())
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

async fn update_query(db: &mut SqliteConnection, changed: &SavedQuery) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE saved_query SET name = $1, sql = $2, updated_at = $3 WHERE organization_id = $4 AND id = $5",
    )
    .bind(&changed.name)
    .bind(&changed.sql)
    .bind(changed.updated_at.as_unix_micros())
    .bind(changed.organization_id.to_string())
    .bind(changed.id.to_string())
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

async fn add_filter(db: &mut SqliteConnection, added: &SavedFilter) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO saved_filter (id, organization_id, name, filter, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING",
    )
    .bind(added.id.to_string())
    .bind(added.organization_id.to_string())
    .bind(&added.name)
    .bind(&added.filter)
    .bind(added.created_at.as_unix_micros())
    .bind(added.updated_at.as_unix_micros())
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

async fn update_filter(db: &mut SqliteConnection, changed: &SavedFilter) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE saved_filter SET name = $1, filter = $2, updated_at = $3 WHERE organization_id = $4 AND id = $5",
    )
    .bind(&changed.name)
    .bind(&changed.filter)
    .bind(changed.updated_at.as_unix_micros())
    .bind(changed.organization_id.to_string())
    .bind(changed.id.to_string())
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

fn query(row: &TableRow<'_>) -> Result<SavedQuery, InvalidRow> {
    Ok(SavedQuery {
        id: row.parsed("id", SavedQueryId::parse)?,
        organization_id: row.parsed("organization_id", OrganizationId::parse)?,
        name: row.plain("name")?,
        sql: row.plain("sql")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}

fn filter(row: &TableRow<'_>) -> Result<SavedFilter, InvalidRow> {
    Ok(SavedFilter {
        id: row.parsed("id", SavedFilterId::parse)?,
        organization_id: row.parsed("organization_id", OrganizationId::parse)?,
        name: row.plain("name")?,
        filter: row.plain("filter")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}
