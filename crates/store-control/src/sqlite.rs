//! The control store over one SQLite file.
//!
//! The file is in WAL mode, so that a command beside the running server can write while the server reads.
//! Each subject has its statements in a file of its own; what they share is here and in `row.rs`.

mod accounts;
mod audit;
mod change;
mod dead_letters;
mod desk;
mod domains;
mod host_rules;
mod keys;
mod mappers;
mod organizations;
mod price_overrides;
mod provider_keys;
mod proxy_keys;
mod rate_limits;
mod secrets;
mod watcher;
mod webhooks;

use std::path::Path;

use gatehouse_store::audit::{AuditEntry, AuditQuery};
use gatehouse_store::control::{Change, Changed, ControlStore, Organization, StoredKey};
use gatehouse_store::domains::{Domain, DomainId, HostRule};
use gatehouse_store::mappers::{Mapper, MapperVersion};
use gatehouse_store::price_overrides::PriceOverride;
use gatehouse_store::rate_limits::RateLimitRule;
use gatehouse_store::vault::{ProviderKey, ProxyKey};
use gatehouse_store::webhooks::{DeadLetter, Webhook};
use gatehouse_store::{StoreError, StoreFuture};
use gatehouse_types::{KeyId, MapperId, OrganizationId, ProxyKeyId, Timestamp};
use sqlx::sqlite::{SqlitePool, SqlitePoolOptions, SqliteRow, SqliteSynchronous};
use sqlx::{Connection, Sqlite, Transaction};
use tokio::sync::{Mutex, MutexGuard};

use crate::error::{OpenError, Operation};
use crate::file::{self, BUSY_TIMEOUT};
use crate::migrations;

use watcher::Watcher;

/// How many connections there are at most, besides the watcher.
const MAX_CONNECTIONS: u32 = 4;

/// The control store in one SQLite file.
pub struct SqliteControlStore {
    pool: SqlitePool,
    /// Writers of this process wait here in a queue; SQLite's own lock, which is for other processes, is
    /// given to whoever asks at the right moment.
    turn: Mutex<()>,
    watcher: Watcher,
}

/// A transaction in which something may be written, and the turn to do it.
struct Writing<'a> {
    transaction: Transaction<'static, Sqlite>,
    _turn: MutexGuard<'a, ()>,
}

impl SqliteControlStore {
    /// Opens the store at `path`, made if it is missing, and brings its schema up to date.
    ///
    /// # Errors
    /// Fails when the file can't be used, is not a control store, or was written by a newer program.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        let path = path.as_ref();
        let database = |source| OpenError::Database { path: path.to_owned(), source };
        let options = file::options(path, SqliteSynchronous::Full);
        let connection = file::open(path, &options, &migrations::CONTROL).await?;
        let pool = SqlitePoolOptions::new()
            .max_connections(MAX_CONNECTIONS)
            .acquire_timeout(BUSY_TIMEOUT)
            .connect_with(options.clone())
            .await
            .map_err(database)?;
        connection.close().await.map_err(database)?;
        Ok(Self { pool, turn: Mutex::new(()), watcher: Watcher::new(options) })
    }

    /// Closes every connection; what was written is in the file.
    pub async fn close(&self) {
        self.watcher.close().await;
        self.pool.close().await;
    }

    /// Begins to write. Nobody else may until the end, so that what is read meanwhile stays true.
    async fn write(&self) -> Result<Writing<'_>, sqlx::Error> {
        let turn = self.turn.lock().await;
        let transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        Ok(Writing { transaction, _turn: turn })
    }

    /// Returns all rows of a query without parameters.
    async fn rows(&self, operation: Operation, sql: &'static str) -> Result<Vec<SqliteRow>, StoreError> {
        sqlx::query(sql).fetch_all(&self.pool).await.map_err(|error| operation.failed(error))
    }
}

impl ControlStore for SqliteControlStore {
    fn default_organization(&self) -> StoreFuture<'_, Organization> {
        Box::pin(self.find_or_make_default())
    }

    fn organizations(&self) -> StoreFuture<'_, Vec<Organization>> {
        Box::pin(self.read_organizations())
    }

    fn keys(&self) -> StoreFuture<'_, Vec<StoredKey>> {
        Box::pin(self.read_keys())
    }

    fn keys_of(&self, organization_id: OrganizationId) -> StoreFuture<'_, Vec<StoredKey>> {
        Box::pin(self.read_keys_of(organization_id))
    }

    fn domains(&self) -> StoreFuture<'_, Vec<Domain>> {
        Box::pin(self.read_domains())
    }

    fn host_rules(&self) -> StoreFuture<'_, Vec<HostRule>> {
        Box::pin(self.read_host_rules())
    }

    fn rate_limits(&self) -> StoreFuture<'_, Vec<RateLimitRule>> {
        Box::pin(self.read_rate_limits())
    }

    fn provider_keys(&self) -> StoreFuture<'_, Vec<ProviderKey>> {
        Box::pin(self.read_provider_keys())
    }

    fn proxy_keys(&self) -> StoreFuture<'_, Vec<ProxyKey>> {
        Box::pin(self.read_proxy_keys())
    }

    fn webhooks(&self) -> StoreFuture<'_, Vec<Webhook>> {
        Box::pin(self.read_webhooks())
    }

    fn price_overrides(&self) -> StoreFuture<'_, Vec<PriceOverride>> {
        Box::pin(self.read_price_overrides())
    }

    fn mappers(&self) -> StoreFuture<'_, Vec<Mapper>> {
        Box::pin(self.read_mappers())
    }

    fn active_mapper_versions(&self) -> StoreFuture<'_, Vec<MapperVersion>> {
        Box::pin(self.read_active_mapper_versions())
    }

    fn mapper_versions(
        &self,
        organization_id: OrganizationId,
        id: MapperId,
    ) -> StoreFuture<'_, Vec<MapperVersion>> {
        Box::pin(self.read_mapper_versions(organization_id, id))
    }

    fn dead_letters(&self, organization_id: OrganizationId) -> StoreFuture<'_, Vec<DeadLetter>> {
        Box::pin(self.read_dead_letters(organization_id))
    }

    fn add_dead_letter(&self, letter: DeadLetter) -> StoreFuture<'_, ()> {
        Box::pin(self.write_dead_letter(letter))
    }

    fn change(&self, change: Change, audit: AuditEntry) -> StoreFuture<'_, Changed> {
        Box::pin(self.make_change(change, audit))
    }

    fn note_key_uses(&self, uses: Vec<(KeyId, Timestamp)>) -> StoreFuture<'_, ()> {
        Box::pin(self.write_key_uses(uses))
    }

    fn note_proxy_key_uses(&self, uses: Vec<(ProxyKeyId, Timestamp)>) -> StoreFuture<'_, ()> {
        Box::pin(self.write_proxy_key_uses(uses))
    }

    fn note_domain_check(&self, id: DomainId, at: Timestamp) -> StoreFuture<'_, ()> {
        Box::pin(self.write_domain_check(id, at))
    }

    fn audit(&self, query: AuditQuery) -> StoreFuture<'_, Vec<AuditEntry>> {
        Box::pin(self.read_audit(query))
    }

    fn version(&self) -> StoreFuture<'_, i64> {
        Box::pin(self.watcher.version())
    }
}
