//! Rows of `session_tag`.

use gatehouse_store::StoreError;
use gatehouse_store::desk::{MAX_SESSION_TAGS, SessionTag, Tagged};
use gatehouse_types::OrganizationId;

use super::SqliteControlStore;
use crate::error::{InvalidRow, Operation};
use crate::row::{TableRow, read_all};

impl SqliteControlStore {
    pub(super) async fn read_session_tag(
        &self,
        organization_id: OrganizationId,
        session_id: String,
    ) -> Result<Option<String>, StoreError> {
        let operation = Operation::control("read the tag of a session");
        sqlx::query_scalar("SELECT tag FROM session_tag WHERE organization_id = $1 AND session_id = $2")
            .bind(organization_id.to_string())
            .bind(session_id)
            .fetch_optional(&self.pool)
            .await
            .map_err(|error| operation.failed(error))
    }

    pub(super) async fn read_session_tags(
        &self,
        organization_id: OrganizationId,
    ) -> Result<Vec<SessionTag>, StoreError> {
        let operation = Operation::control("read the tags of sessions");
        let sql = "SELECT organization_id, session_id, tag
                   FROM session_tag WHERE organization_id = $1 ORDER BY session_id";
        let rows = self.rows_of(operation, sql, organization_id).await?;
        read_all(operation, ("session_tag", "session_id"), &rows, tag)
    }

    pub(super) async fn write_session_tag(&self, tag: SessionTag) -> Result<Tagged, StoreError> {
        let operation = Operation::control("tag a session");
        self.keep_session_tag(&tag).await.map_err(|error| operation.failed(error))
    }

    async fn keep_session_tag(&self, tag: &SessionTag) -> Result<Tagged, sqlx::Error> {
        let mut writing = self.write().await?;
        // The one that takes the place of another is none too many.
        let done = sqlx::query(
            "INSERT INTO session_tag (organization_id, session_id, tag)
             SELECT $1, $2, $3
             WHERE (SELECT count(*) FROM session_tag WHERE organization_id = $1 AND session_id <> $2) < $4
             ON CONFLICT (organization_id, session_id) DO UPDATE SET tag = excluded.tag",
        )
        .bind(tag.organization_id.to_string())
        .bind(&tag.session_id)
        .bind(&tag.tag)
        .bind(i64::try_from(MAX_SESSION_TAGS).unwrap_or(i64::MAX))
        .execute(&mut *writing.transaction)
        .await?;
        writing.transaction.commit().await?;
        Ok(if done.rows_affected() == 0 { Tagged::Full } else { Tagged::Done })
    }

    pub(super) async fn remove_session_tag(
        &self,
        organization_id: OrganizationId,
        session_id: String,
    ) -> Result<(), StoreError> {
        let operation = Operation::control("take the tag of a session away");
        self.drop_session_tag(organization_id, &session_id).await.map_err(|error| operation.failed(error))
    }

    async fn drop_session_tag(&self, owner: OrganizationId, session_id: &str) -> Result<(), sqlx::Error> {
        let mut writing = self.write().await?;
        let sql = "DELETE FROM session_tag WHERE organization_id = $1 AND session_id = $2";
        super::edit(&mut writing.transaction, sql, owner, session_id).await?;
        writing.transaction.commit().await
    }
}

fn tag(row: &TableRow<'_>) -> Result<SessionTag, InvalidRow> {
    Ok(SessionTag {
        organization_id: row.parsed("organization_id", OrganizationId::parse)?,
        session_id: row.plain("session_id")?,
        tag: row.plain("tag")?,
    })
}
