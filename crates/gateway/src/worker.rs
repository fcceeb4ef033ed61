//! What the stages of a call work with: the process-wide parts and a worker's own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gatehouse_catalog::Catalog;
use gatehouse_config::{Durability, Snapshot};
use gatehouse_journal::Journal;
use gatehouse_store::limits::LimitStore;
use gatehouse_store::view::SharedView;
use gatehouse_types::Clock;
use gatehouse_upstream::{Connector, PoolLimits, Upstream};
use gatehouse_wire::ProviderTable;
use tokio_util::task::TaskTracker;

use crate::breakers::Breakers;
use crate::cache::ResponseCache;
use crate::capture::{Capture, CaptureBudget, Reservation};
use crate::doors::Doors;
use crate::guards::{Askers, Roster};
use crate::local::LocalApi;
use crate::metrics::Metrics;
use crate::quotas::Quotas;
use crate::targets::TargetCache;
use crate::upload::Upload;

/// What all workers share.
#[derive(Clone)]
pub struct Shared {
    /// The configuration in force.
    pub config: Snapshot,
    /// Keys, approved domains and host rules, replaced whole when one changes.
    pub view: SharedView,
    /// The known providers.
    pub providers: Arc<ProviderTable>,
    /// How far organisations have used their calls to targets that are not approved.
    pub quotas: Arc<Quotas>,
    /// How far limits are used.
    pub limits: Arc<dyn LimitStore>,
    /// What calls cost.
    pub catalog: Arc<Catalog>,
    /// The cache of answers.
    pub cache: Arc<ResponseCache>,
    /// The REST API, for the hosts of ours that lead to it.
    pub api: Arc<dyn LocalApi>,
    /// Where the record of a call goes.
    pub journal: Journal,
    /// The way to providers.
    pub connector: Arc<Connector>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
}

/// What is made of the configuration once, for all workers.
#[derive(Clone)]
pub(crate) struct Common {
    pub(crate) budgets: Budgets,
    pub(crate) roster: Arc<Roster>,
    pub(crate) breakers: Arc<Breakers>,
}

/// What bodies may take of the memory, all workers together.
#[derive(Clone)]
pub(crate) struct Budgets {
    /// Copies for the record; what is beyond is recorded truncated.
    captures: Arc<CaptureBudget>,
    /// Bodies that are read whole before they are sent: their own, so that no recording fails a call.
    wholes: Arc<CaptureBudget>,
}

impl Budgets {
    /// Returns two budgets of `limit_bytes` each.
    pub(crate) fn new(limit_bytes: u64) -> Self {
        let budget = || Arc::new(CaptureBudget::new(limit_bytes));
        Self { captures: budget(), wholes: budget() }
    }
}

/// One thread's parts: calls never leave the worker that accepted their connection.
pub(crate) struct Worker {
    pub(crate) shared: Shared,
    pub(crate) upstream: Upstream<Upload>,
    pub(crate) doors: Doors,
    /// The connections to guards.
    pub(crate) askers: Askers,
    /// Who may have to be asked about a call.
    pub(crate) roster: Arc<Roster>,
    /// Which origins are left alone for a while.
    pub(crate) breakers: Arc<Breakers>,
    pub(crate) targets: TargetCache,
    pub(crate) tasks: TaskTracker,
    /// Blocking work that ends in a record.
    pub(crate) closing: TaskTracker,
    budgets: Budgets,
    aborting: AtomicBool,
}

impl Worker {
    pub(crate) fn new(shared: Shared, common: Common) -> Self {
        let config = &shared.config;
        let limits = PoolLimits {
            connections_per_origin: config.upstream.max_connections_per_origin,
            idle_per_origin: config.upstream.idle_connections_per_origin,
            idle_timeout: config.upstream.idle_connection_timeout,
            max_headers: config.gateway.max_headers,
        };
        let tasks = TaskTracker::new();
        let upstream = Upstream::new(Arc::clone(&shared.connector), limits, tasks.clone());
        let askers = Askers::new(Arc::clone(&shared.connector), limits, tasks.clone());
        let doors = Doors::new(&shared.config.gateway.public_domains, &shared.providers);
        Self {
            shared,
            upstream,
            doors,
            askers,
            roster: common.roster,
            breakers: common.breakers,
            targets: TargetCache::default(),
            tasks,
            closing: TaskTracker::new(),
            budgets: common.budgets,
            aborting: AtomicBool::new(false),
        }
    }

    /// Returns whether a response may only end once its record is on disk.
    pub(crate) fn is_strict(&self) -> bool {
        self.shared.config.journal.durability == Durability::Strict
    }

    /// Returns the copy of a body that is about to pass; `expected` is its announced length.
    pub(crate) fn capture(&self, expected: Option<u64>) -> Capture {
        let cap = self.shared.config.gateway.max_buffered_body_bytes;
        Capture::new(cap, expected, Arc::clone(&self.budgets.captures))
    }

    /// Returns the place in memory of a body that is read whole, which has none yet.
    pub(crate) fn room_for_whole(&self) -> Reservation {
        Reservation::none(Arc::clone(&self.budgets.wholes))
    }

    /// Returns the copy of a body that there is not.
    pub(crate) fn capture_nothing(&self) -> Capture {
        Capture::new(0, None, Arc::clone(&self.budgets.captures))
    }

    /// Says that calls which end from now on are ended by this process, not by their clients.
    pub(crate) fn abort(&self) {
        self.aborting.store(true, Ordering::Release);
    }

    pub(crate) fn is_aborting(&self) -> bool {
        self.aborting.load(Ordering::Acquire)
    }
}
