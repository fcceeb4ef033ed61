//! The control store over one SQLite file.
//!
//! The file is in WAL mode, so that a command beside the running server can write while the server reads.

use std::fs::{OpenOptions, Permissions as FileMode};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::time::Duration;

use gatehouse_store::control::{ControlStore, KeyHash, Organization, Permissions, StoredKey};
use gatehouse_store::{StoreError, StoreFuture};
use gatehouse_types::{Clock, KeyId, OrganizationId, SystemClock, Timestamp};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection, Row, SqliteConnection};
use tokio::sync::Mutex;
use tokio::time::Instant;
use uuid::Uuid;

use crate::error::{InvalidRow, OpenError, failed, invalid};
use crate::migrations::migrate;

/// How long a statement waits for another process's lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long opening pauses where SQLite itself does not wait for a lock.
const BUSY_PAUSE: Duration = Duration::from_millis(10);
/// How many connections there are at most, besides the watcher.
const MAX_CONNECTIONS: u32 = 4;
/// Only the owner may read: the file holds hashes of keys.
const FILE_MODE: u32 = 0o600;
/// The organisation of a single-tenant installation.
const DEFAULT_SLUG: &str = "default";
/// How many bits of a version are SQLite's own number; those above count reconnections.
const DATA_VERSION_BITS: u32 = 32;

/// The control store in one SQLite file.
pub struct SqliteControlStore {
    pool: SqlitePool,
    options: SqliteConnectOptions,
    watcher: Mutex<Watcher>,
}

/// A connection that never writes: `PRAGMA data_version` on it changes whenever anybody else committed,
/// this process's own pool included.
struct Watcher {
    connection: Option<SqliteConnection>,
    /// How often it was connected: numbers of different connections can't be compared.
    epoch: i64,
}

impl SqliteControlStore {
    /// Opens the store at `path`, made if it is missing, and brings its schema up to date.
    ///
    /// # Errors
    /// Fails when the file can't be used, is not a control store, or was written by a newer program.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        let path = path.as_ref();
        make_private(path).map_err(|source| OpenError::File { path: path.to_owned(), source })?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .busy_timeout(BUSY_TIMEOUT)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .disable_statement_logging();
        let deadline = Instant::now() + BUSY_TIMEOUT;
        loop {
            match connect(path, &options).await {
                Ok(pool) => {
                    let watcher = Mutex::new(Watcher { connection: None, epoch: 0 });
                    return Ok(Self { pool, options, watcher });
                }
                // Switching a new file to WAL does not wait for another process that does the same.
                Err(error) if error.is_busy() && Instant::now() < deadline => {
                    tokio::time::sleep(BUSY_PAUSE).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Closes every connection; what was written is in the file.
    pub async fn close(&self) {
        let connection = self.watcher.lock().await.connection.take();
        drop(connection);
        self.pool.close().await;
    }

    async fn read_version(&self) -> Result<i64, StoreError> {
        let operation = failed("read its version");
        let mut watcher = self.watcher.lock().await;
        let Watcher { connection, epoch } = &mut *watcher;
        let mut live = match connection.take() {
            Some(live) => live,
            None => match self.options.connect().await {
                Ok(live) => {
                    *epoch += 1;
                    live
                }
                Err(error) => return Err(operation(error)),
            },
        };
        let read = sqlx::query_scalar::<_, i64>("PRAGMA data_version").fetch_one(&mut live).await;
        // A connection that failed is not put back: the next call makes a new one.
        let version = read.map_err(operation)?;
        *connection = Some(live);
        Ok((*epoch << DATA_VERSION_BITS) | version)
    }

    async fn find_default(&self) -> Result<Option<Organization>, StoreError> {
        let operation = "read the default organisation";
        let row = sqlx::query("SELECT id, name, created_at FROM organization WHERE slug = $1")
            .bind(DEFAULT_SLUG)
            .fetch_optional(&self.pool)
            .await
            .map_err(failed(operation))?;
        row.map(|row| organization(&row)).transpose().map_err(|error| error.into_store_error(operation))
    }

    async fn find_or_make_default(&self) -> Result<Organization, StoreError> {
        if let Some(found) = self.find_default().await? {
            return Ok(found);
        }
        let operation = "make the default organisation";
        // Another process may do the same now: one of the two rows wins, and both read that one.
        sqlx::query(
            "INSERT INTO organization (id, slug, name, created_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (slug) DO NOTHING",
        )
        .bind(Uuid::now_v7().to_string())
        .bind(DEFAULT_SLUG)
        .bind("Default")
        .bind(SystemClock.now().as_unix_micros())
        .execute(&self.pool)
        .await
        .map_err(failed(operation))?;
        let missing = || failed(operation)(sqlx::Error::RowNotFound);
        self.find_default().await?.ok_or_else(missing)
    }

    async fn store_key(&self, key: StoredKey) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO api_key (id, organization_id, name, hash, permissions, created_at)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (hash) DO NOTHING",
        )
        .bind(key.id.to_string())
        .bind(key.organization_id.to_string())
        .bind(key.name)
        .bind(hex(&key.hash))
        .bind(key.permissions.as_str())
        .bind(key.created_at.as_unix_micros())
        .execute(&self.pool)
        .await
        .map_err(failed("store a key"))?;
        Ok(())
    }

    async fn read_keys(&self) -> Result<Vec<StoredKey>, StoreError> {
        let operation = "read the keys";
        let rows = sqlx::query(
            "SELECT id, organization_id, name, hash, permissions, created_at FROM api_key
             ORDER BY created_at, id",
        )
        .fetch_all(&self.pool)
        .await
        .map_err(failed(operation))?;
        let keys: Result<_, ReadError> = rows.iter().map(stored_key).collect();
        keys.map_err(|error| error.into_store_error(operation))
    }
}

impl ControlStore for SqliteControlStore {
    fn default_organization(&self) -> StoreFuture<'_, Organization> {
        Box::pin(self.find_or_make_default())
    }

    fn insert_key(&self, key: StoredKey) -> StoreFuture<'_, ()> {
        Box::pin(self.store_key(key))
    }

    fn keys(&self) -> StoreFuture<'_, Vec<StoredKey>> {
        Box::pin(self.read_keys())
    }

    fn version(&self) -> StoreFuture<'_, i64> {
        Box::pin(self.read_version())
    }
}

/// Brings the schema up to date and returns the connections to it.
async fn connect(path: &Path, options: &SqliteConnectOptions) -> Result<SqlitePool, OpenError> {
    let database = |source| OpenError::Database { path: path.to_owned(), source };
    let mut connection = options.connect().await.map_err(database)?;
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(database)?;
    migrate(&mut transaction).await?;
    transaction.commit().await.map_err(database)?;
    let pool = SqlitePoolOptions::new()
        .max_connections(MAX_CONNECTIONS)
        .acquire_timeout(BUSY_TIMEOUT)
        .connect_with(options.clone())
        .await
        .map_err(database)?;
    connection.close().await.map_err(database)?;
    Ok(pool)
}

/// Why a row could not be read.
enum ReadError {
    Database(sqlx::Error),
    Invalid(InvalidRow),
}

impl From<sqlx::Error> for ReadError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl ReadError {
    fn into_store_error(self, operation: &'static str) -> StoreError {
        match self {
            Self::Database(error) => failed(operation)(error),
            Self::Invalid(row) => invalid(operation, row),
        }
    }
}

/// Returns a row of `organization`.
fn organization(row: &SqliteRow) -> Result<Organization, ReadError> {
    let id: String = row.try_get("id")?;
    let parsed = OrganizationId::parse(&id);
    let invalid = || ReadError::Invalid(InvalidRow { table: "organization", id: id.clone(), column: "id" });
    Ok(Organization {
        id: parsed.ok_or_else(invalid)?,
        name: row.try_get("name")?,
        created_at: Timestamp::from_unix_micros(row.try_get("created_at")?),
    })
}

/// Returns a row of `api_key`.
fn stored_key(row: &SqliteRow) -> Result<StoredKey, ReadError> {
    let id: String = row.try_get("id")?;
    let organization_id: String = row.try_get("organization_id")?;
    let hash: String = row.try_get("hash")?;
    let permissions: String = row.try_get("permissions")?;
    let named = id.as_str();
    let invalid =
        |column| move || ReadError::Invalid(InvalidRow { table: "api_key", id: named.to_owned(), column });
    Ok(StoredKey {
        id: KeyId::parse(named).ok_or_else(invalid("id"))?,
        organization_id: OrganizationId::parse(&organization_id).ok_or_else(invalid("organization_id"))?,
        name: row.try_get("name")?,
        hash: unhex(&hash).ok_or_else(invalid("hash"))?,
        permissions: Permissions::parse(&permissions).ok_or_else(invalid("permissions"))?,
        created_at: Timestamp::from_unix_micros(row.try_get("created_at")?),
    })
}

/// Makes the file if it is missing; only its owner may read it. SQLite gives its companions the same mode.
fn make_private(path: &Path) -> std::io::Result<()> {
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(FILE_MODE).open(path)?;
    file.set_permissions(FileMode::from_mode(FILE_MODE))
}

/// Returns lower-case hex.
pub(crate) fn hex(hash: &KeyHash) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads what [`hex`] wrote.
fn unhex(text: &str) -> Option<KeyHash> {
    let mut hash = KeyHash::default();
    if text.len() != hash.len() * 2 {
        return None;
    }
    for (byte, digits) in hash.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(hash)
}
