//! Whether the process lives and whether it may be sent traffic.
//!
//! Ready means: everything that must be done at the start is done, and the process is not draining. The
//! state of the log store is shown but decides nothing: the gateway works on without it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use gatehouse_store::log::LogStore;
use parking_lot::RwLock;
use serde::Serialize;
use tokio::time::Instant;
use utoipa::ToSchema;

use crate::state::ApiState;

/// How long the log store may take to say that it is there.
const PROBE_TIMEOUT: Duration = Duration::from_millis(500);
/// How long an answer of the log store is good for, so that probing `/readyz` costs it nothing.
const PROBE_FRESH: Duration = Duration::from_secs(1);

/// The conditions under which the process is ready; clones share them.
#[derive(Clone)]
pub struct Readiness {
    shared: Arc<RwLock<Conditions>>,
}

struct Conditions {
    /// By name; `None` is met, otherwise what is missing.
    missing: BTreeMap<&'static str, Option<String>>,
    draining: bool,
}

impl Readiness {
    /// Returns a process that is ready once each of `conditions` is met.
    pub fn new(conditions: impl IntoIterator<Item = &'static str>) -> Self {
        let missing = conditions.into_iter().map(|name| (name, Some("not done yet".to_owned()))).collect();
        Self { shared: Arc::new(RwLock::new(Conditions { missing, draining: false })) }
    }

    /// Says that `condition` is met.
    pub fn met(&self, condition: &'static str) {
        self.shared.write().missing.insert(condition, None);
    }

    /// Says what `condition` is still missing.
    pub fn missing(&self, condition: &'static str, reason: impl Into<String>) {
        self.shared.write().missing.insert(condition, Some(reason.into()));
    }

    /// Says that the process is going away: it is not ready from here on.
    pub fn drain(&self) {
        self.shared.write().draining = true;
    }

    /// Returns whether the process may be sent traffic.
    pub fn is_ready(&self) -> bool {
        let conditions = self.shared.read();
        !conditions.draining && conditions.missing.values().all(Option::is_none)
    }

    fn report(&self, log_store: StoreHealth) -> ReadinessReport {
        let conditions = self.shared.read();
        let mut reasons: Vec<String> = conditions
            .missing
            .iter()
            .filter_map(|(name, missing)| missing.as_ref().map(|reason| format!("{name}: {reason}")))
            .collect();
        let status = match (conditions.draining, reasons.is_empty()) {
            (true, _) => ReadinessStatus::Draining,
            (false, true) => ReadinessStatus::Ready,
            (false, false) => ReadinessStatus::Starting,
        };
        if conditions.draining {
            reasons.push("draining: the process is going away".to_owned());
        }
        ReadinessReport { status, reasons, log_store }
    }
}

/// Whether the process may be sent traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReadinessStatus {
    /// It may.
    Ready,
    /// Not yet: it is still recovering.
    Starting,
    /// Not any more: it is going away.
    Draining,
}

/// Whether the log store answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StoreHealth {
    /// It does.
    Available,
    /// It does not; calls are kept in the journal until it does.
    Unavailable,
}

/// The answer of `/readyz`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"status": "starting", "reasons": ["journal: not done yet"], "log_store": "available"}))]
pub struct ReadinessReport {
    /// Whether the process may be sent traffic.
    pub status: ReadinessStatus,
    /// Why not; empty when it may.
    pub reasons: Vec<String>,
    /// Whether the log store answers; this does not decide the status.
    pub log_store: StoreHealth,
}

/// The answer of `/healthz`.
#[derive(Debug, Serialize, ToSchema)]
pub struct HealthReport {
    /// Always `ok`: the process lives.
    #[schema(example = "ok")]
    pub status: &'static str,
}

/// Asks the log store whether it is there, at most once at a time and once a second.
#[derive(Default)]
pub(crate) struct StoreProbe {
    last: tokio::sync::Mutex<Option<(Instant, StoreHealth)>>,
}

impl StoreProbe {
    async fn look(&self, log: &dyn LogStore) -> StoreHealth {
        let mut last = self.last.lock().await;
        if let Some((_, health)) = last.filter(|(at, _)| at.elapsed() < PROBE_FRESH) {
            return health;
        }
        let health = match tokio::time::timeout(PROBE_TIMEOUT, log.journal_position()).await {
            Ok(Ok(_position)) => StoreHealth::Available,
            Ok(Err(_)) | Err(_) => StoreHealth::Unavailable,
        };
        *last = Some((Instant::now(), health));
        health
    }
}

/// Says that the process lives, with an empty body, as Helicone's `api.` hosts do.
#[utoipa::path(
    get, path = "/healthcheck", tag = "Operations", security(()),
    responses((status = 200, description = "The process lives"))
)]
pub(crate) async fn healthcheck() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], ())
}

/// Says that the process lives.
#[utoipa::path(
    get, path = "/healthz", tag = "Operations", security(()),
    responses((status = 200, description = "The process lives", body = HealthReport))
)]
pub(crate) async fn healthz() -> Json<HealthReport> {
    Json(HealthReport { status: "ok" })
}

/// Says whether the process may be sent traffic.
#[utoipa::path(
    get, path = "/readyz", tag = "Operations", security(()),
    responses(
        (status = 200, description = "Ready", body = ReadinessReport,
         example = json!({"status": "ready", "reasons": [], "log_store": "available"})),
        (status = 503, description = "Still recovering, or going away", body = ReadinessReport),
    )
)]
pub(crate) async fn readyz(State(state): State<ApiState>) -> (StatusCode, Json<ReadinessReport>) {
    let log_store = state.probe.look(state.log.as_ref()).await;
    let report = state.readiness.report(log_store);
    let status = match report.status {
        ReadinessStatus::Ready => StatusCode::OK,
        ReadinessStatus::Starting | ReadinessStatus::Draining => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, Json(report))
}
