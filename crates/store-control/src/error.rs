//! Why a store did not open or did not answer.

use std::path::PathBuf;

use gatehouse_store::StoreError;

/// SQLite's primary result code for a lock that another process holds.
const BUSY: i32 = 5;
/// SQLite's primary result codes for a state that can pass: locks, memory, I/O, a full disk, a missing file.
const TRANSIENT_CODES: [i32; 6] = [BUSY, 6, 7, 10, 13, 14];

/// SQLite's primary result codes for a file whose pages are not what they should be, or that is none of its own.
const DAMAGED_CODES: [i32; 2] = [11, 26];

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file can't be made or its mode can't be set.
    #[error("cannot use {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: std::io::Error,
    },
    /// SQLite does not take the file.
    #[error("cannot open {}", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        #[source]
        source: sqlx::Error,
    },
    /// A migration failed; the file is as it was before.
    #[error("cannot migrate {} to version {version}", path.display())]
    Migration {
        /// The file.
        path: PathBuf,
        /// The migration that failed.
        version: i64,
        /// What SQLite said.
        #[source]
        source: sqlx::Error,
    },
    /// A migration that was applied reads differently now.
    #[error("migration {version} of {} was changed after it was applied", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
        /// The migration.
        version: i64,
    },
    /// The file was written by a newer version of the program.
    #[error(
        "{} is at version {found}, this program knows versions up to {known}: use a newer program",
        path.display()
    )]
    TooNew {
        /// The file.
        path: PathBuf,
        /// The file's version.
        found: i64,
        /// The newest version known here.
        known: i64,
    },
}

impl OpenError {
    /// Returns whether another process held a lock.
    pub(crate) fn is_busy(&self) -> bool {
        self.code() == Some(BUSY)
    }

    /// Returns whether the file is damaged, or something else than a database.
    pub fn is_damaged(&self) -> bool {
        self.code().is_some_and(|code| DAMAGED_CODES.contains(&code))
    }

    fn code(&self) -> Option<i32> {
        match self {
            Self::Database { source, .. } | Self::Migration { source, .. } => primary_code(source),
            Self::File { .. } | Self::Changed { .. } | Self::TooNew { .. } => None,
        }
    }
}

/// Something in a store is not what this program wrote.
#[derive(Debug, thiserror::Error)]
#[error("{table} row {id} has an invalid {column}")]
pub(crate) struct InvalidRow {
    pub(crate) table: &'static str,
    pub(crate) id: String,
    pub(crate) column: &'static str,
}

/// What a store is doing, for the errors of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operation {
    store: &'static str,
    /// A verb phrase.
    name: &'static str,
}

impl Operation {
    pub(crate) const fn control(name: &'static str) -> Self {
        Self { store: "control store", name }
    }

    pub(crate) const fn counters(name: &'static str) -> Self {
        Self { store: "counter store", name }
    }

    /// Returns the contract's error for what SQLite said.
    pub(crate) fn failed(self, source: sqlx::Error) -> StoreError {
        if is_transient(&source) {
            StoreError::Unavailable { store: self.store, reason: source.to_string() }
        } else {
            StoreError::Failed { store: self.store, operation: self.name, source: Box::new(source) }
        }
    }

    /// Returns the contract's error for a row that can't be understood.
    pub(crate) fn invalid(self, row: InvalidRow) -> StoreError {
        StoreError::Failed { store: self.store, operation: self.name, source: Box::new(row) }
    }
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
