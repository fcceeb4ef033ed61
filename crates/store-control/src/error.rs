//! Why the control store did not open or did not answer.

use std::path::PathBuf;

use gatehouse_store::StoreError;

/// The store's name in errors.
const STORE: &str = "control store";

/// SQLite's primary result code for a lock that another process holds.
const BUSY: i32 = 5;
/// SQLite's primary result codes for a state that can pass: locks, memory, I/O, a full disk, a missing file.
const TRANSIENT_CODES: [i32; 6] = [BUSY, 6, 7, 10, 13, 14];

/// Why a control store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file can't be made or its mode can't be set.
    #[error("cannot use control store {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: std::io::Error,
    },
    /// SQLite does not take the file.
    #[error("cannot open control store {}", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        #[source]
        source: sqlx::Error,
    },
    /// A migration failed; the file is as it was before.
    #[error("cannot migrate the control store to version {version}")]
    Migration {
        /// The migration that failed.
        version: i64,
        /// What SQLite said.
        #[source]
        source: sqlx::Error,
    },
    /// A migration that was applied reads differently now.
    #[error("migration {version} of the control store was changed after it was applied")]
    Changed {
        /// The migration.
        version: i64,
    },
    /// The file was written by a newer version of the program.
    #[error(
        "the control store is at version {found}, this program knows versions up to {known}: use a newer program"
    )]
    TooNew {
        /// The file's version.
        found: i64,
        /// The newest version known here.
        known: i64,
    },
}

impl OpenError {
    /// Returns whether another process held a lock.
    pub(crate) fn is_busy(&self) -> bool {
        match self {
            Self::Database { source, .. } | Self::Migration { source, .. } => {
                primary_code(source) == Some(BUSY)
            }
            Self::File { .. } | Self::Changed { .. } | Self::TooNew { .. } => false,
        }
    }
}

/// Something in the store is not what this program wrote.
#[derive(Debug, thiserror::Error)]
#[error("{table} row {id} has an invalid {column}")]
pub(crate) struct InvalidRow {
    pub(crate) table: &'static str,
    pub(crate) id: String,
    pub(crate) column: &'static str,
}

/// Returns the contract's error for a failed operation.
pub(crate) fn failed(operation: &'static str) -> impl FnOnce(sqlx::Error) -> StoreError {
    move |source| {
        if is_transient(&source) {
            StoreError::Unavailable { store: STORE, reason: source.to_string() }
        } else {
            StoreError::Failed { store: STORE, operation, source: Box::new(source) }
        }
    }
}

/// Returns the contract's error for a row that can't be understood.
pub(crate) fn invalid(operation: &'static str, row: InvalidRow) -> StoreError {
    StoreError::Failed { store: STORE, operation, source: Box::new(row) }
}

/// Returns whether the same operation may succeed later.
fn is_transient(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        error => primary_code(error).is_some_and(|code| TRANSIENT_CODES.contains(&code)),
    }
}

/// Returns SQLite's primary result code: the lowest byte of an extended one.
fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let code = error.as_database_error()?.code()?;
    code.parse::<i32>().ok().map(|code| code & 0xff)
}
