//! What the stages of a call work with: the process-wide parts and a worker's own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwap;
use gatehouse_config::{Durability, Snapshot};
use gatehouse_journal::Journal;
use gatehouse_store::keys::KeyRing;
use gatehouse_types::Clock;
use gatehouse_upstream::{Connector, PoolLimits, Upstream};
use tokio_util::task::TaskTracker;

use crate::capture::{Capture, CaptureBudget};
use crate::metrics::Metrics;
use crate::route::TargetCache;
use crate::upload::Upload;

/// What all workers share.
#[derive(Clone)]
pub struct Shared {
    /// The configuration in force.
    pub config: Snapshot,
    /// The keys callers are identified by, replaced whole when one changes.
    pub keys: Arc<ArcSwap<KeyRing>>,
    /// Where the record of a call goes.
    pub journal: Journal,
    /// The way to providers.
    pub connector: Arc<Connector>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
}

/// One thread's parts: calls never leave the worker that accepted their connection.
pub(crate) struct Worker {
    pub(crate) shared: Shared,
    pub(crate) upstream: Upstream<Upload>,
    pub(crate) targets: TargetCache,
    pub(crate) tasks: TaskTracker,
    /// Blocking work that ends in a record.
    pub(crate) closing: TaskTracker,
    captures: Arc<CaptureBudget>,
    aborting: AtomicBool,
}

impl Worker {
    pub(crate) fn new(shared: Shared, captures: Arc<CaptureBudget>) -> Self {
        let config = &shared.config;
        let limits = PoolLimits {
            connections_per_origin: config.upstream.max_connections_per_origin,
            idle_per_origin: config.upstream.idle_connections_per_origin,
            idle_timeout: config.upstream.idle_connection_timeout,
            max_headers: config.gateway.max_headers,
        };
        let tasks = TaskTracker::new();
        let upstream = Upstream::new(Arc::clone(&shared.connector), limits, tasks.clone());
        Self {
            shared,
            upstream,
            targets: TargetCache::default(),
            tasks,
            closing: TaskTracker::new(),
            captures,
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
        Capture::new(cap, expected, Arc::clone(&self.captures))
    }

    /// Returns the copy of a body that there is not.
    pub(crate) fn capture_nothing(&self) -> Capture {
        Capture::new(0, None, Arc::clone(&self.captures))
    }

    /// Says that calls which end from now on are ended by this process, not by their clients.
    pub(crate) fn abort(&self) {
        self.aborting.store(true, Ordering::Release);
    }

    pub(crate) fn is_aborting(&self) -> bool {
        self.aborting.load(Ordering::Acquire)
    }
}
