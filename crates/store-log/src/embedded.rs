//! A log store in one DuckDB file: one thread writes, a few read, all on connections of one instance.
//!
//! The file is opened at the first use and opened again after an error that DuckDB does not survive, so
//! that a locked file or a full disk costs nothing but the calls made meanwhile.

mod aggregate;
mod annotate;
mod bodies;
mod decode;
mod encode;
mod engine;
mod hql;
mod migrations;
mod place;
mod properties;
mod read;
mod revise;
mod rollup;
mod search;
mod usage_details;
mod walk;
mod worker;
mod write;

use std::path::PathBuf;
use std::sync::Arc;

use duckdb::Connection;
use gatehouse_store::StoreFuture;
use gatehouse_store::filter::Filter;
use gatehouse_store::log::{
    AggregateQuery, Aggregated, Annotated, Annotation, Batch, CacheStats, CostQuery, CostSum, Extent,
    KeyedRow, LogRow, LogStore, PricedRow, Revision, RowKey, RowQuery, SearchStep, Searched, SqlAnswer,
    SqlLog, SqlQuery, SqlRefusal, SqlTable, Walk, Walked,
};
use gatehouse_types::{OrganizationId, RequestId};
use tokio::sync::watch;

use engine::Engine;
use search::{Filters, Found};
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
    /// After how many rows these are added to the sums from which figures over all calls are read; fewer make
    /// storing dearer, more make figures dearer.
    pub roll_up_after: u32,
}

impl Options {
    /// Returns the defaults for a file at `path`: 512 MiB, one thread, two readers, bodies up to 4 MiB, sums after
    /// 50,000 rows.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            memory_limit_bytes: 512 << 20,
            threads: 1,
            readers: 2,
            max_body_bytes: 4 << 20,
            roll_up_after: 50_000,
        }
    }
}

/// The DuckDB adapter of [`LogStore`].
///
/// Dropping it waits for the running statements, then writes everything into the main file.
pub struct DuckDbLog {
    workers: Workers,
    memory_limit_bytes: u64,
    roll_up_after: u32,
    found: Arc<Found>,
    arrivals: watch::Sender<RowKey>,
}

impl DuckDbLog {
    /// Starts the threads; the file itself is opened at the first use.
    ///
    /// # Errors
    /// Fails when the system refuses a thread.
    pub fn start(options: Options) -> std::io::Result<Self> {
        let Options { readers, memory_limit_bytes, roll_up_after, .. } = options;
        let workers = Workers::start(Arc::new(Engine::new(options)), readers)?;
        Ok(Self {
            workers,
            memory_limit_bytes,
            roll_up_after,
            found: Arc::default(),
            arrivals: watch::Sender::new(RowKey::new(0)),
        })
    }

    /// Stores rows that did not come from the journal, with their annotations; all or none of them.
    ///
    /// The journal position stays where it is, so that what is in the journal is stored as ever.
    pub fn load(&self, rows: Vec<LogRow>) -> StoreFuture<'_, ()> {
        Box::pin(self.workers.write("load rows", move |engine, writer| {
            engine.run("load rows", |connection| writer.load(connection, &rows))?;
            writer.roll_up(engine);
            Ok(())
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

impl DuckDbLog {
    /// Runs a query; one whose filters read bodies waits with other long ones.
    fn query<T: Send + 'static>(
        &self,
        operation: &'static str,
        filters: Filters,
        work: impl FnOnce(&Connection) -> Result<T, engine::Error> + Send + 'static,
    ) -> StoreFuture<'_, T> {
        let Filters { organization_id, rows, conditions } = filters;
        if conditions.is_empty() {
            return Box::pin(self.workers.read(operation, work));
        }
        let found = Arc::clone(&self.found);
        Box::pin(self.workers.ask(operation, move |connection, is_abandoned| {
            found.prepare(connection, organization_id, &rows, &conditions, is_abandoned)?;
            work(connection)
        }))
    }
}

impl SqlLog for DuckDbLog {
    fn select(&self, query: SqlQuery) -> StoreFuture<'_, Result<SqlAnswer, SqlRefusal>> {
        let memory_limit_bytes = self.memory_limit_bytes;
        Box::pin(self.workers.ask("answer a question in SQL", move |connection, is_abandoned| {
            hql::select(connection, &query, memory_limit_bytes, is_abandoned)
        }))
    }

    fn tables(&self) -> &'static [SqlTable] {
        crate::hql::TABLES
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
            writer.roll_up(engine);
            Ok(())
        }))
    }

    fn journal_position(&self) -> StoreFuture<'_, u64> {
        Box::pin(self.workers.read("read the journal position", read::journal_position))
    }

    fn rows(&self, query: RowQuery) -> StoreFuture<'_, Vec<LogRow>> {
        let filters = Filters::of(query.organization_id, &query.filter);
        self.query("read rows", filters, move |connection| read::rows(connection, &query))
    }

    fn search(&self, step: SearchStep) -> StoreFuture<'_, Searched> {
        let Filters { organization_id, rows, conditions } = Filters::of(step.organization_id, &step.filter);
        let found = Arc::clone(&self.found);
        Box::pin(self.workers.ask("search bodies", move |connection, is_abandoned| {
            if !conditions.is_empty() {
                found.prepare(connection, organization_id, &rows, &conditions, is_abandoned)?;
            }
            search::step(connection, &step, is_abandoned)
        }))
    }

    fn count(&self, organization_id: OrganizationId, filter: Filter) -> StoreFuture<'_, u64> {
        self.query("count rows", Filters::of(organization_id, &filter), move |connection| {
            read::count(connection, organization_id, &filter)
        })
    }

    fn cache_stats(&self, organization_id: OrganizationId, filter: Filter) -> StoreFuture<'_, CacheStats> {
        self.query("add up the cache", Filters::of(organization_id, &filter), move |connection| {
            read::cache_stats(connection, organization_id, &filter)
        })
    }

    fn cost_sums(&self, query: CostQuery) -> StoreFuture<'_, Vec<CostSum>> {
        let filters = Filters::of(query.organization_id, &query.filter);
        self.query("add up costs", filters, move |connection| read::cost_sums(connection, &query))
    }

    fn aggregate(&self, query: AggregateQuery) -> StoreFuture<'_, Aggregated> {
        let filters = Filters::of_figures(&query);
        let few = self.roll_up_after.into();
        self.query("add up figures", filters, move |connection| aggregate::aggregate(connection, &query, few))
    }

    fn row(&self, organization_id: OrganizationId, request_id: RequestId) -> StoreFuture<'_, Option<LogRow>> {
        Box::pin(
            self.workers
                .read("read a row", move |connection| read::row(connection, organization_id, request_id)),
        )
    }

    fn walk_priced(&self, walk: Walk) -> StoreFuture<'_, Walked<PricedRow>> {
        let filters = Filters::of(walk.organization_id, &walk.filter);
        self.query("walk through prices", filters, move |connection| walk::priced(connection, &walk))
    }

    fn walk_rows(&self, walk: Walk) -> StoreFuture<'_, Walked<KeyedRow>> {
        let filters = Filters::of(walk.organization_id, &walk.filter);
        self.query("walk through rows", filters, move |connection| walk::rows(connection, &walk))
    }

    fn walk_shown(&self, walk: Walk, extent: Extent) -> StoreFuture<'_, Walked<KeyedRow>> {
        let filters = Filters::of(walk.organization_id, &walk.filter);
        self.query("walk through lists", filters, move |connection| walk::shown(connection, &walk, extent))
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
