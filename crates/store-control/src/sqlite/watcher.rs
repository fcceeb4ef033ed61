//! Whether anything in the file changed.

use gatehouse_store::StoreError;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};
use tokio::sync::Mutex;

use crate::error::Operation;

/// How many bits of a version are SQLite's own number; those above count reconnections.
const DATA_VERSION_BITS: u32 = 32;

/// A connection that never writes: `PRAGMA data_version` on it changes whenever anybody else committed,
/// this process's own pool included.
pub(super) struct Watcher {
    options: SqliteConnectOptions,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    connection: Option<SqliteConnection>,
    /// How often it was connected: numbers of different connections can't be compared.
    epoch: i64,
}

impl Watcher {
    pub(super) fn new(options: SqliteConnectOptions) -> Self {
        Self { options, state: Mutex::default() }
    }

    /// Returns a number that changes with every commit.
    pub(super) async fn version(&self) -> Result<i64, StoreError> {
        self.read().await.map_err(|error| Operation::control("read its version").failed(error))
    }

    async fn read(&self) -> Result<i64, sqlx::Error> {
        let mut state = self.state.lock().await;
        let State { connection, epoch } = &mut *state;
        let mut live = match connection.take() {
            Some(live) => live,
            None => {
                let live = self.options.connect().await?;
                *epoch += 1;
                live
            }
        };
        // A connection that failed is not put back: the next call makes a new one.
        let version = sqlx::query_scalar::<_, i64>("PRAGMA data_version").fetch_one(&mut live).await?;
        *connection = Some(live);
        Ok((*epoch << DATA_VERSION_BITS) | version)
    }

    pub(super) async fn close(&self) {
        let connection = self.state.lock().await.connection.take();
        drop(connection);
    }
}
