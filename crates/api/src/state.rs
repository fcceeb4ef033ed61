//! What the API needs to answer: stores as contracts, keys, readiness, metrics.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use gatehouse_store::keys::KeyRing;
use gatehouse_store::log::LogStore;

use crate::health::{Readiness, StoreProbe};
use crate::metrics::{ApiMetrics, MetricsSource};

/// How long one API call may take, unless said otherwise.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Everything the handlers share; cloning it is cheap.
#[derive(Clone)]
pub struct ApiState {
    /// Where logged calls are read.
    pub(crate) log: Arc<dyn LogStore>,
    /// Who may call.
    pub(crate) keys: Arc<ArcSwap<KeyRing>>,
    /// Whether the process is ready, and why not.
    pub(crate) readiness: Readiness,
    /// What other parts print at `/metrics`.
    pub(crate) sources: Arc<[MetricsSource]>,
    /// The API's own counters.
    pub(crate) metrics: Arc<ApiMetrics>,
    /// The last known state of the log store.
    pub(crate) probe: Arc<StoreProbe>,
    /// How long one call may take.
    pub(crate) request_timeout: Duration,
}

impl ApiState {
    /// Returns the state of an API that reads from `log` and lets in whoever is in `keys`.
    pub fn new(log: Arc<dyn LogStore>, keys: Arc<ArcSwap<KeyRing>>, readiness: Readiness) -> Self {
        Self {
            log,
            keys,
            readiness,
            sources: Arc::from([]),
            metrics: Arc::default(),
            probe: Arc::default(),
            request_timeout: REQUEST_TIMEOUT,
        }
    }

    /// Returns the same state with `sources` printing at `/metrics`, in this order.
    #[must_use]
    pub fn with_metrics(mut self, sources: Vec<MetricsSource>) -> Self {
        self.sources = Arc::from(sources);
        self
    }

    /// Returns the same state with another limit for the duration of one call.
    #[must_use]
    pub const fn with_request_timeout(mut self, timeout: Duration) -> Self {
        self.request_timeout = timeout;
        self
    }
}
