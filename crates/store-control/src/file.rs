//! A SQLite file: made private, in WAL mode, its schema up to date.

use std::fs::{OpenOptions, Permissions};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use tokio::time::Instant;

use crate::error::OpenError;
use crate::migrations::Schema;

/// How long a statement waits for another process's lock.
pub(crate) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long opening pauses where SQLite itself does not wait for a lock.
const BUSY_PAUSE: Duration = Duration::from_millis(10);
/// Only the owner may read: the files hold hashes of keys and names of customers' hosts.
const FILE_MODE: u32 = 0o600;

/// How a file is opened.
pub(crate) fn options(path: &Path, synchronous: SqliteSynchronous) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(BUSY_TIMEOUT)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous)
        .foreign_keys(true)
        .disable_statement_logging()
}

/// Opens the file at `path`, made if it is missing, and brings its schema up to date.
pub(crate) async fn open(
    path: &Path,
    options: &SqliteConnectOptions,
    schema: &Schema,
) -> Result<SqliteConnection, OpenError> {
    make_private(path).map_err(|source| OpenError::File { path: path.to_owned(), source })?;
    let deadline = Instant::now() + BUSY_TIMEOUT;
    loop {
        match connect(path, options, schema).await {
            // Switching a new file to WAL does not wait for another process that does the same.
            Err(error) if error.is_busy() && Instant::now() < deadline => {
                tokio::time::sleep(BUSY_PAUSE).await;
            }
            outcome => return outcome,
        }
    }
}

async fn connect(
    path: &Path,
    options: &SqliteConnectOptions,
    schema: &Schema,
) -> Result<SqliteConnection, OpenError> {
    let database = |source| OpenError::Database { path: path.to_owned(), source };
    let mut connection = options.connect().await.map_err(database)?;
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(database)?;
    schema.migrate(path, &mut transaction).await?;
    transaction.commit().await.map_err(database)?;
    Ok(connection)
}

/// Makes the file if it is missing; only its owner may read it. SQLite gives its companions the same mode.
fn make_private(path: &Path) -> std::io::Result<()> {
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(FILE_MODE).open(path)?;
    file.set_permissions(Permissions::from_mode(FILE_MODE))
}
