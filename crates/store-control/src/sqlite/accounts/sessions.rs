//! Rows of `browser_session`.

use gatehouse_store::accounts::{MAX_SESSIONS, StoredSession};
use gatehouse_types::{SessionId, Timestamp, UserId};
use sqlx::SqliteConnection;

use crate::hex::hex;

/// Adds a session of a member, in the place of another one if one is named; returns how many were added.
pub(super) async fn add(
    db: &mut SqliteConnection,
    added: &StoredSession,
    replaced: Option<SessionId>,
    now: Timestamp,
) -> Result<u64, sqlx::Error> {
    if let Some(replaced) = replaced {
        let sql = "DELETE FROM browser_session WHERE id = $1";
        sqlx::query(sql).bind(replaced.to_string()).execute(&mut *db).await?;
    }
    sqlx::query("DELETE FROM browser_session WHERE expires_at <= $1")
        .bind(now.as_unix_micros())
        .execute(&mut *db)
        .await?;
    let done = sqlx::query(
        "INSERT INTO browser_session (id, person_id, organization_id, hash, user_agent, address, created_at,
                                      expires_at, last_used_at)
         SELECT $1, person_id, organization_id, $4, $5, $6, $7, $8, $9
         FROM membership WHERE person_id = $2 AND organization_id = $3",
    )
    .bind(added.id.to_string())
    .bind(added.user_id.to_string())
    .bind(added.organization_id.to_string())
    .bind(hex(&added.hash))
    .bind(&added.user_agent)
    .bind(&added.address)
    .bind(added.created_at.as_unix_micros())
    .bind(added.expires_at.as_unix_micros())
    .bind(added.last_used_at.as_unix_micros())
    .execute(&mut *db)
    .await?;
    sqlx::query(
        "DELETE FROM browser_session WHERE person_id = $1 AND id NOT IN (
             SELECT id FROM browser_session WHERE person_id = $1 ORDER BY last_used_at DESC, id = $2 DESC LIMIT $3
         )",
    )
    .bind(added.user_id.to_string())
    .bind(added.id.to_string())
    .bind(i64::try_from(MAX_SESSIONS).unwrap_or(i64::MAX))
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Ends a session; returns how many were ended.
pub(super) async fn end(
    db: &mut SqliteConnection,
    user_id: UserId,
    id: SessionId,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query("DELETE FROM browser_session WHERE person_id = $1 AND id = $2")
        .bind(user_id.to_string())
        .bind(id.to_string())
        .execute(db)
        .await?;
    Ok(done.rows_affected())
}

/// Ends every session of a person but one; returns how many were ended.
pub(super) async fn end_others(
    db: &mut SqliteConnection,
    user_id: UserId,
    kept: SessionId,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query("DELETE FROM browser_session WHERE person_id = $1 AND id <> $2")
        .bind(user_id.to_string())
        .bind(kept.to_string())
        .execute(db)
        .await?;
    Ok(done.rows_affected())
}
