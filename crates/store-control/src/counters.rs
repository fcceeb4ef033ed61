//! The counter store over one SQLite file; `counters/limits.rs` has what is kept of limits.
//!
//! It is a file of its own, so that counting does not change the control store's version. A save does not
//! wait for the disk: when it returns, what was saved is with the operating system, which a killed process
//! does not take with it. A task brings it to disk within a second, which only a machine that loses power
//! or crashes in between prevents; the file then is as it was at some earlier save.

mod limits;

use std::path::Path;
use std::sync::{Arc, Weak};
use std::time::Duration;

use gatehouse_store::counters::{Counter, CounterKey, CounterStore, LimitState};
use gatehouse_store::{StoreError, StoreFuture};
use gatehouse_types::{OrganizationId, Timestamp};
use sqlx::sqlite::{SqliteConnectOptions, SqliteRow, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use tokio::sync::Mutex;
use tokio_util::task::TaskTracker;

use crate::error::{InvalidRow, OpenError, Operation};
use crate::file;
use crate::migrations;
use crate::row::{TableRow, read_all};

/// How long after a save it is brought to disk, together with those that follow it.
const SYNC_DELAY: Duration = Duration::from_millis(500);

/// The counters in one SQLite file.
pub struct SqliteCounterStore {
    shared: Arc<Mutex<Shared>>,
    /// Whoever brings saves to disk.
    syncers: TaskTracker,
}

struct Shared {
    options: SqliteConnectOptions,
    /// Absent after a failure, until it is needed again.
    connection: Option<SqliteConnection>,
    /// Whether a syncer is on its way.
    is_sync_due: bool,
}

impl SqliteCounterStore {
    /// Opens the store at `path`, made if it is missing, and brings its schema up to date.
    ///
    /// # Errors
    /// Fails when the file can't be used, is not a counter store, or was written by a newer program.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        // In WAL mode, `NORMAL` syncs at checkpoints only, and never leaves a broken file.
        let options = file::options(path.as_ref(), SqliteSynchronous::Normal);
        let connection = file::open(path.as_ref(), &options, &migrations::COUNTERS).await?;
        let shared = Shared { options, connection: Some(connection), is_sync_due: false };
        Ok(Self { shared: Arc::new(Mutex::new(shared)), syncers: TaskTracker::new() })
    }

    /// Closes the connection; what was saved is on disk.
    ///
    /// # Errors
    /// Fails when it can't be brought to disk.
    pub async fn close(&self) -> Result<(), StoreError> {
        let Some(connection) = self.shared.lock().await.connection.take() else { return Ok(()) };
        connection.close().await.map_err(|error| Operation::counters("close").failed(error))
    }

    async fn load_day(&self, day: u32) -> Result<Vec<Counter>, StoreError> {
        let operation = Operation::counters("load the counters of a day");
        let mut shared = self.shared.lock().await;
        let rows = shared.forget_and_read(day).await.map_err(|error| operation.failed(error))?;
        read_all(operation, ("counter", "origin"), &rows, counter)
    }

    async fn save_all(&self, counters: &[Counter]) -> Result<(), StoreError> {
        if counters.is_empty() {
            return Ok(());
        }
        let mut shared = self.shared.lock().await;
        shared.write(counters).await.map_err(|error| Operation::counters("save counters").failed(error))?;
        self.sync_later(&mut shared);
        Ok(())
    }

    /// Has what was saved brought to disk.
    fn sync_later(&self, shared: &mut Shared) {
        if !shared.is_sync_due {
            shared.is_sync_due = true;
            self.syncers.spawn(sync_soon(Arc::downgrade(&self.shared)));
        }
    }
}

impl CounterStore for SqliteCounterStore {
    fn load(&self, day: u32) -> StoreFuture<'_, Vec<Counter>> {
        Box::pin(self.load_day(day))
    }

    fn save(&self, counters: Vec<Counter>) -> StoreFuture<'_, ()> {
        Box::pin(async move { self.save_all(&counters).await })
    }

    fn load_limits(&self, now: Timestamp) -> StoreFuture<'_, Vec<LimitState>> {
        Box::pin(self.load_states(now))
    }

    fn save_limits(&self, states: Vec<LimitState>) -> StoreFuture<'_, ()> {
        Box::pin(async move { self.save_states(&states).await })
    }

    fn forget_limits(&self, now: Timestamp) -> StoreFuture<'_, ()> {
        Box::pin(self.forget_states(now))
    }
}

/// A connection is put back only when all went well: one that failed, or whose user went away in the middle,
/// is closed, and with it what it had not committed.
impl Shared {
    async fn take(&mut self) -> Result<SqliteConnection, sqlx::Error> {
        match self.connection.take() {
            Some(live) => Ok(live),
            None => self.options.connect().await,
        }
    }

    async fn forget_and_read(&mut self, day: u32) -> Result<Vec<SqliteRow>, sqlx::Error> {
        let mut live = self.take().await?;
        sqlx::query("DELETE FROM counter WHERE day < $1").bind(i64::from(day)).execute(&mut live).await?;
        let sql = "SELECT organization_id, origin, day, used, not_before FROM counter WHERE day = $1
                   ORDER BY organization_id, origin";
        let rows = sqlx::query(sql).bind(i64::from(day)).fetch_all(&mut live).await?;
        self.connection = Some(live);
        Ok(rows)
    }

    async fn write(&mut self, counters: &[Counter]) -> Result<(), sqlx::Error> {
        let mut live = self.take().await?;
        let mut transaction = live.begin_with("BEGIN IMMEDIATE").await?;
        for counter in counters {
            write_one(&mut transaction, counter).await?;
        }
        transaction.commit().await?;
        self.connection = Some(live);
        Ok(())
    }

    /// Brings what was saved to disk. Without a connection there is nothing to do: closing it did that.
    async fn sync(&mut self) -> Result<(), sqlx::Error> {
        if let Some(mut live) = self.connection.take() {
            sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(&mut live).await?;
            self.connection = Some(live);
        }
        self.is_sync_due = false;
        Ok(())
    }
}

/// Syncs after a while, again and again until it works; the store itself may be gone by then.
async fn sync_soon(store: Weak<Mutex<Shared>>) {
    loop {
        tokio::time::sleep(SYNC_DELAY).await;
        let Some(shared) = store.upgrade() else { return };
        match shared.lock().await.sync().await {
            Ok(()) => return,
            Err(error) => tracing::warn!(%error, "counts can't be brought to disk; tried again"),
        }
    }
}

async fn write_one(db: &mut SqliteConnection, counter: &Counter) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO counter (organization_id, origin, day, used, not_before) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (organization_id, origin) DO UPDATE
         SET day = excluded.day, used = excluded.used, not_before = excluded.not_before",
    )
    .bind(counter.key.organization_id.to_string())
    .bind(&counter.key.origin)
    .bind(i64::from(counter.day))
    .bind(i64::try_from(counter.used).unwrap_or(i64::MAX))
    .bind(counter.not_before_us)
    .execute(db)
    .await?;
    Ok(())
}

fn counter(row: &TableRow<'_>) -> Result<Counter, InvalidRow> {
    let organization_id = row.parsed("organization_id", OrganizationId::parse)?;
    Ok(Counter {
        key: CounterKey { organization_id, origin: row.plain("origin")? },
        day: row.number("day")?,
        used: row.number("used")?,
        not_before_us: row.plain("not_before")?,
    })
}
