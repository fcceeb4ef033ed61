//! Where the limits of calls stand, in the counter store's file.

use gatehouse_store::StoreError;
use gatehouse_store::counters::LimitState;
use gatehouse_types::{OrganizationId, Timestamp};
use sqlx::sqlite::SqliteRow;
use sqlx::{Connection, SqliteConnection};

use super::{Shared, SqliteCounterStore};
use crate::error::{InvalidRow, Operation};
use crate::row::{TableRow, read_all};

impl SqliteCounterStore {
    pub(super) async fn load_states(&self, now: Timestamp) -> Result<Vec<LimitState>, StoreError> {
        let operation = Operation::counters("load where limits stand");
        let mut shared = self.shared.lock().await;
        let rows = shared.read_states(now).await.map_err(|error| operation.failed(error))?;
        read_all(operation, ("limit_state", "limit_key"), &rows, limit_state)
    }

    pub(super) async fn save_states(&self, states: &[LimitState]) -> Result<(), StoreError> {
        if states.is_empty() {
            return Ok(());
        }
        let operation = Operation::counters("save where limits stand");
        let mut shared = self.shared.lock().await;
        shared.write_states(states).await.map_err(|error| operation.failed(error))?;
        self.sync_later(&mut shared);
        Ok(())
    }

    pub(super) async fn forget_states(&self, now: Timestamp) -> Result<(), StoreError> {
        let operation = Operation::counters("forget limits");
        let mut shared = self.shared.lock().await;
        shared.delete_states(now).await.map_err(|error| operation.failed(error))
    }
}

/// As for counters, a connection is put back only when all went well.
impl Shared {
    async fn read_states(&mut self, now: Timestamp) -> Result<Vec<SqliteRow>, sqlx::Error> {
        let mut live = self.take().await?;
        let sql =
            "SELECT organization_id, limit_key, state, expires_at FROM limit_state WHERE expires_at > $1
                   ORDER BY organization_id, limit_key";
        let rows = sqlx::query(sql).bind(now.as_unix_micros()).fetch_all(&mut live).await?;
        self.connection = Some(live);
        Ok(rows)
    }

    async fn write_states(&mut self, states: &[LimitState]) -> Result<(), sqlx::Error> {
        let mut live = self.take().await?;
        let mut transaction = live.begin_with("BEGIN IMMEDIATE").await?;
        for state in states {
            write_one(&mut transaction, state).await?;
        }
        transaction.commit().await?;
        self.connection = Some(live);
        Ok(())
    }

    async fn delete_states(&mut self, now: Timestamp) -> Result<(), sqlx::Error> {
        let mut live = self.take().await?;
        let sql = "DELETE FROM limit_state WHERE expires_at <= $1";
        sqlx::query(sql).bind(now.as_unix_micros()).execute(&mut live).await?;
        self.connection = Some(live);
        Ok(())
    }
}

async fn write_one(db: &mut SqliteConnection, limit: &LimitState) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO limit_state (organization_id, limit_key, state, expires_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (organization_id, limit_key) DO UPDATE
         SET state = excluded.state, expires_at = excluded.expires_at",
    )
    .bind(limit.organization_id.to_string())
    .bind(&limit.key)
    .bind(limit.state.as_slice())
    .bind(limit.expires_at.as_unix_micros())
    .execute(db)
    .await?;
    Ok(())
}

fn limit_state(row: &TableRow<'_>) -> Result<LimitState, InvalidRow> {
    Ok(LimitState {
        organization_id: row.parsed("organization_id", OrganizationId::parse)?,
        key: row.plain("limit_key")?,
        state: row.plain("state")?,
        expires_at: row.time("expires_at")?,
    })
}
