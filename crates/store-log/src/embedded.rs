//! A log store in one DuckDB file: one thread writes, a few read, all on connections of one instance.
//!
//! The file is opened at the first use and opened again after an error that DuckDB does not survive, so
//! that a locked file or a full disk costs nothing but the calls made meanwhile.

mod annotate;
mod bodies;
mod decode;
mod encode;
mod engine;
mod migrations;
mod read;
mod revise;
mod usage_details;
mod walk;
mod worker;
mod write;

use std::path::PathBuf;
use std::sync::Arc;

use gatehouse_store::StoreFuture;
use gatehouse_store::filter::Filter;
use gatehouse_store::log::{
    AggregateQuery, Aggregated, Annotated, Annotation, Batch, CacheStats, CostQuery, CostSum, Extent,
    KeyedRow, LogRow, LogStore, PricedRow, Revision, RowKey, RowQuery, Walk, Walked,
};
use gatehouse_types::{OrganizationId, RequestId};
use tokio::sync::watch;

use engine::Engine;
use worker::Workers;

/// What the store is called in errors.
const STORE: &str = "log store";

/// Where the file lies and what the store may use.
#[derive(Clone, Debug)]
pub struct Options {
    /// The database file; its folder must exist.
    pub path: PathBuf,
    /// How much memory DuckDB may use, in bytes.
    pub memory_limit_bytes: u64,
    /// How many threads DuckDB may use for one statement; with more than one, every insert also pays for
    /// waking them.
    pub threads: u16,
    /// How many queries run at the same time.
    pub readers: u16,
    /// How much of a body is kept, in bytes before compression; a longer one is cut.
    pub max_body_bytes: usize,
}

impl Options {
    /// Returns the defaults for a file at `path`: 512 MiB, one thread, two readers, bodies up to 4 MiB.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            memory_limit_bytes: 512 << 20,
            threads: 1,
            readers: 2,
            max_body_bytes: 4 << 20,
        }
    }
}

/// The DuckDB adapter of [`LogStore`].
///
/// Dropping it waits for the running statements, then writes everything into the main file.
pub struct DuckDbLog {
    workers: Workers,
    arrivals: watch::Sender<RowKey>,
}

impl DuckDbLog {
    /// Starts the threads; the file itself is opened at the first use.
    ///
    /// # Errors
    /// Fails when the system refuses a thread.
    pub fn start(options: Options) -> std::io::Result<Self> {
        let readers = options.readers;
        let workers = Workers::start(Arc::new(Engine::new(options)), readers)?;
        Ok(Self { workers, arrivals: watch::Sender::new(RowKey::new(0)) })
    }

    /// Stores rows that did not come from the journal, with their annotations; all or none of them.
    ///
    /// The journal position stays where it is, so that what is in the journal is stored as ever.
    pub fn load(&self, rows: Vec<LogRow>) -> StoreFuture<'_, ()> {
        Box::pin(self.workers.write("load rows", move |engine, writer| {
            engine.run("load rows", |connection| writer.load(connection, &rows))
        }))
    }

    /// Writes everything into the main file and lets go of it; the next use opens it again.
    pub fn close(&self) -> StoreFuture<'_, ()> {
        Box::pin(self.workers.write("close", |engine, _| {
            engine.close();
            Ok(())
        }))
    }
}

impl LogStore for DuckDbLog {
    fn insert(&self, batch: Batch) -> StoreFuture<'_, ()> {
        let arrivals = self.arrivals.clone();
        Box::pin(self.workers.write("insert", move |engine, writer| {
            let last = engine.run("insert", |connection| writer.insert(connection, &batch))?;
            if let Some(last) = last {
                arrivals.send_replace(last);
            }
            Ok(())
        }))
    }

    fn journal_position(&self) -> StoreFuture<'_, u64> {
        Box::pin(self.workers.read("read the journal position", read::journal_position))
    }

    fn rows(&self, query: RowQuery) -> StoreFuture<'_, Vec<LogRow>> {
        Box::pin(self.workers.read("read rows", move |connection| read::rows(connection, &query)))
    }

    fn count(&self, organization_id: OrganizationId, filter: Filter) -> StoreFuture<'_, u64> {
        Box::pin(
            self.workers
                .read("count rows", move |connection| read::count(connection, organization_id, &filter)),
        )
    }

    fn cache_stats(&self, organization_id: OrganizationId, filter: Filter) -> StoreFuture<'_, CacheStats> {
        Box::pin(self.workers.read("add up the cache", move |connection| {
            read::cache_stats(connection, organization_id, &filter)
        }))
    }

    fn cost_sums(&self, query: CostQuery) -> StoreFuture<'_, Vec<CostSum>> {
        Box::pin(self.workers.read("add up costs", move |connection| read::cost_sums(connection, &query)))
    }

    fn aggregate(&self, query: AggregateQuery) -> StoreFuture<'_, Aggregated> {
        Box::pin(async move {
            drop(query);
            Err(engine::unavailable("figures are not added up yet"))
        })
    }

    fn row(&self, organization_id: OrganizationId, request_id: RequestId) -> StoreFuture<'_, Option<LogRow>> {
        Box::pin(
            self.workers
                .read("read a row", move |connection| read::row(connection, organization_id, request_id)),
        )
    }

    fn walk_priced(&self, walk: Walk) -> StoreFuture<'_, Walked<PricedRow>> {
        Box::pin(self.workers.read("walk through prices", move |connection| walk::priced(connection, &walk)))
    }

    fn walk_rows(&self, walk: Walk) -> StoreFuture<'_, Walked<KeyedRow>> {
        Box::pin(self.workers.read("walk through rows", move |connection| walk::rows(connection, &walk)))
    }

    fn walk_shown(&self, walk: Walk, extent: Extent) -> StoreFuture<'_, Walked<KeyedRow>> {
        Box::pin(
            self.workers.read("walk through lists", move |connection| walk::shown(connection, &walk, extent)),
        )
    }

    fn newest(&self) -> StoreFuture<'_, RowKey> {
        Box::pin(self.workers.read("find the last row", read::newest))
    }

    fn arrivals(&self) -> watch::Receiver<RowKey> {
        self.arrivals.subscribe()
    }

    fn revise(&self, organization_id: OrganizationId, revisions: Vec<Revision>) -> StoreFuture<'_, u64> {
        Box::pin(self.workers.write("revise rows", move |engine, _| {
            engine.run("revise rows", |connection| revise::revise(connection, organization_id, revisions))
        }))
    }

    fn annotate(
        &self,
        organization_id: OrganizationId,
        request_id: RequestId,
        annotations: Vec<Annotation>,
    ) -> StoreFuture<'_, Annotated> {
        Box::pin(self.workers.write("annotate", move |engine, _| {
            engine.run("annotate", |connection| {
                annotate::annotate(connection, organization_id, request_id, &annotations)
            })
        }))
    }
}
