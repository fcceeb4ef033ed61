//! The database instance: opened when needed, dropped when DuckDB can't go on with it.
//!
//! Every operation takes a connection for itself and gives it back, so that no idle thread keeps a
//! broken instance (and its file lock) alive.

use std::sync::{Arc, Weak};

use duckdb::{Config, Connection};
use gatehouse_store::StoreError;
use parking_lot::Mutex;

use super::{Options, STORE, migrations, rollup};

/// How much the write-ahead log may hold before it is folded into the main file. Folding rewrites the
/// last group of up to 122,880 rows, so seldom is cheap; replaying this much at a start takes moments.
const CHECKPOINT_AFTER: &str = "64MiB";

/// The form in which tables are kept: since 1.4, texts that come again are kept once for a group of rows, and are
/// compared, grouped and counted as such.
const STORAGE: &str = "v1.4.0";

/// Closes what DuckDB can reach, and bounds what it puts on disk while it answers.
const LOCK: &str = "SET max_temp_directory_size = '4GiB'; SET enable_external_access = false; \
     SET lock_configuration = true";

/// Up to how many rows that are asked for by their places leave out the groups of rows in which there are none;
/// DuckDB's own bound is less than a page.
const FEW_ROWS: &str = "SET GLOBAL dynamic_or_filter_threshold = 2048";

/// Why a statement, or the reading of its result, failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// DuckDB said no.
    #[error(transparent)]
    DuckDb(#[from] duckdb::Error),
    /// The rows could not be laid out as columns.
    #[error("rows can't be laid out as columns")]
    Arrow(#[from] duckdb::arrow::error::ArrowError),
    /// A column of JSON could not be written.
    #[error("a column can't be written as JSON")]
    Json(#[from] serde_json::Error),
    /// A body could not be compressed or read back.
    #[error("a body can't be compressed or read back")]
    Compression(#[source] std::io::Error),
    /// The filter asks for something that this store can't compare.
    #[error(transparent)]
    Filter(#[from] crate::sql::FilterUnsupported),
    /// Whoever asked does not wait for the answer.
    #[error("nobody waits for the answer")]
    Abandoned,
    /// A stored value is not what its column promises.
    #[error("column `{column}` holds an unexpected value")]
    Value {
        /// The column's name.
        column: &'static str,
    },
    /// The file was written by a newer version of this program.
    #[error("the file has schema version {found}, this program knows versions up to {known}")]
    Newer {
        /// The file's version.
        found: u32,
        /// The newest known version.
        known: u32,
    },
}

/// What an error means for the instance and for the caller.
enum Verdict {
    /// The instance is unusable or its file is: open it again, then the same call may work.
    Reopen,
    /// Something passing: the same call may work later.
    Later,
    /// Repeating won't help.
    Never,
}

impl Error {
    fn verdict(&self) -> Verdict {
        let Self::DuckDb(duckdb::Error::DuckDBFailure(_, Some(message))) = self else {
            return Verdict::Never;
        };
        let starts = |kinds: &[&str]| kinds.iter().any(|kind| message.starts_with(kind));
        if starts(&[
            "IO Error",
            "FATAL Error",
            "INTERNAL Error",
            "Connection Error",
            "TransactionContext Error",
        ]) || message.contains("database has been invalidated")
        {
            Verdict::Reopen
        } else if starts(&["Out of Memory Error", "INTERRUPT Error"]) {
            Verdict::Later
        } else {
            Verdict::Never
        }
    }

    fn into_store_error(self, operation: &'static str) -> StoreError {
        match self.verdict() {
            Verdict::Reopen | Verdict::Later => unavailable(self.to_string()),
            Verdict::Never => StoreError::Failed { store: STORE, operation, source: Box::new(self) },
        }
    }
}

/// Returns the error of a store that may be back later.
pub(super) fn unavailable(reason: impl Into<String>) -> StoreError {
    StoreError::Unavailable { store: STORE, reason: reason.into() }
}

/// The instance, open or not.
pub(super) struct Engine {
    options: Options,
    instance: Mutex<Instance>,
}

/// The open database, and what tells whether connections of an earlier one still live.
#[derive(Default)]
struct Instance {
    open: Option<Lease>,
    last: Weak<()>,
}

/// A connection, and the proof that its instance lives; dropped in this order.
struct Lease {
    connection: Connection,
    token: Arc<()>,
}

impl Engine {
    pub(super) fn new(options: Options) -> Self {
        Self { options, instance: Mutex::default() }
    }

    pub(super) const fn options(&self) -> &Options {
        &self.options
    }

    /// Runs `work` on a connection of its own and says what its failure means.
    pub(super) fn run<T>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&Connection) -> Result<T, Error>,
    ) -> Result<T, StoreError> {
        let lease = self.lease()?;
        let result = work(&lease.connection);
        let token = Arc::downgrade(&lease.token);
        drop(lease);
        result.map_err(|error| {
            if matches!(error.verdict(), Verdict::Reopen) {
                tracing::warn!(%error, operation, "log store: opening the database again");
                self.drop_instance(&token);
            }
            error.into_store_error(operation)
        })
    }

    /// Lets go of the file; the last connection that is given back writes everything into it.
    pub(super) fn close(&self) {
        self.instance.lock().open = None;
    }

    /// Drops the instance that `token` belongs to, unless somebody did already.
    fn drop_instance(&self, token: &Weak<()>) {
        let mut instance = self.instance.lock();
        if instance.open.as_ref().is_some_and(|open| std::ptr::eq(Arc::as_ptr(&open.token), token.as_ptr())) {
            instance.open = None;
        }
    }

    fn lease(&self) -> Result<Lease, StoreError> {
        let mut instance = self.instance.lock();
        if instance.open.is_none() {
            // Two instances of one file in one process would not see each other's lock.
            if instance.last.strong_count() > 0 {
                return Err(unavailable("an earlier instance is still closing"));
            }
            let token = Arc::new(());
            let connection = self.open().map_err(|error| unavailable(error.to_string()))?;
            instance.last = Arc::downgrade(&token);
            instance.open = Some(Lease { connection, token });
        }
        let Some(open) = &instance.open else { return Err(unavailable("the database is closed")) };
        match open.connection.try_clone() {
            Ok(connection) => Ok(Lease { connection, token: Arc::clone(&open.token) }),
            Err(error) => {
                instance.open = None;
                Err(unavailable(error.to_string()))
            }
        }
    }

    fn open(&self) -> Result<Connection, Error> {
        let config = Config::default()
            .max_memory(&format!("{}KiB", self.options.memory_limit_bytes.div_ceil(1024)))?
            .threads(i64::from(self.options.threads.max(1)))?
            .enable_autoload_extension(false)?
            .with("wal_autocheckpoint", CHECKPOINT_AFTER)?
            .with("storage_compatibility_version", STORAGE)?
            .with("autoinstall_known_extensions", "false")?;
        let mut connection = Connection::open_with_flags(&self.options.path, config)?;
        migrations::run(&mut connection)?;
        // Figures are right without the sums, so nothing that is wrong with them keeps the store closed.
        if let Err(error) = rollup::catch_up(&connection, self.options.roll_up_after.into()) {
            tracing::warn!(%error, "log store: rows could not be added to the sums");
        }
        connection.execute_batch(FEW_ROWS)?;
        // From here on no statement, whoever wrote it, reaches another file or an address, or changes a setting.
        connection.execute_batch(LOCK)?;
        Ok(connection)
    }
}

#[cfg(test)]
mod tests;
