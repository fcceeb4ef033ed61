//! What the API needs to answer: stores as contracts, keys, readiness, metrics.

use std::sync::Arc;
use std::time::Duration;

use gatehouse_catalog::Catalog;
use gatehouse_config::SignInConfig;
use gatehouse_store::intake::Intake;
use gatehouse_store::log::{LogStore, SqlLog};
use gatehouse_store::mappers::MapperTasks;
use gatehouse_store::view::SharedView;
use gatehouse_types::{Clock, SystemClock};
use tokio_util::sync::CancellationToken;

use crate::account::SignIn;
use crate::account::oidc::transport::IdentityTransport;
use crate::control::{Administration, Control};
use crate::cost::repricing::Repricings;
use crate::error::{ApiError, ErrorKind};
use crate::health::{Readiness, StoreProbe};
use crate::hql::pace::Paces;
use crate::metrics::{ApiMetrics, MetricsSource};
use crate::request::export::{MAX_EXPORTS, MAX_OWN_EXPORTS};
use crate::request::links::LinkKey;
use crate::request::replay::{ReplayTransport, Replays};
use crate::request::search::{MAX_OWN_SEARCHES, MAX_SEARCHES};
use crate::request::tail::{MAX_OWN_TAILS, MAX_TAILS};
use crate::room::Room;
use crate::seats::Seats;
use crate::turns::Turns;
use crate::webhooks::courier::WebhookCourier;

/// How long one API call may take, unless said otherwise.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Everything the handlers share; cloning it is cheap.
#[derive(Clone)]
pub struct ApiState {
    /// Where logged calls are read.
    pub(crate) log: Arc<dyn LogStore>,
    /// Who may call.
    pub(crate) view: SharedView,
    /// The time.
    pub(crate) clock: Arc<dyn Clock>,
    /// Whether the process is ready, and why not.
    pub(crate) readiness: Readiness,
    /// What other parts print at `/metrics`.
    pub(crate) sources: Arc<[MetricsSource]>,
    /// The API's own counters.
    pub(crate) metrics: Arc<ApiMetrics>,
    /// The last known state of the log store.
    pub(crate) probe: Arc<StoreProbe>,
    /// Whose turn it is to add something to its calls: the log store writes one thing after the other.
    pub(crate) annotating: Arc<Turns>,
    /// Whose turn it is to read its dead letters: a thousand bodies are read at once.
    pub(crate) reading_letters: Arc<Turns>,
    /// Whose turn it is to ask in SQL.
    pub(crate) asking: Arc<Turns>,
    /// How often organisations asked in SQL.
    pub(crate) paces: Arc<Paces>,
    /// How long one call may take.
    pub(crate) request_timeout: Duration,
    /// What bodies that are read whole may take of the memory.
    pub(crate) room: Arc<Room>,
    /// Who follows the log.
    pub(crate) tails: Arc<Seats>,
    /// The searches in bodies that are under way.
    pub(crate) searches: Arc<Seats>,
    /// Who takes it away.
    pub(crate) exports: Arc<Seats>,
    /// The calls that are priced anew.
    pub(crate) repricings: Arc<Repricings>,
    /// What links to bodies are signed with.
    pub(crate) link_key: Arc<LinkKey>,
    /// Cancelled when the process is about to end.
    pub(crate) stop: CancellationToken,
    sign_in: Option<Arc<SignIn>>,
    catalog: Option<Arc<Catalog>>,
    sql: Option<Arc<dyn SqlLog>>,
    administration: Option<Arc<Administration>>,
    intake: Option<Arc<dyn Intake>>,
    courier: Option<Arc<dyn WebhookCourier>>,
    replays: Option<Arc<Replays>>,
    mapper_tasks: Option<Arc<dyn MapperTasks>>,
}

impl ApiState {
    /// Returns the state of an API that reads from `log` and lets in whoever has a key in `view`.
    pub fn new(log: Arc<dyn LogStore>, view: SharedView, readiness: Readiness) -> Self {
        Self {
            log,
            view,
            clock: Arc::new(SystemClock),
            readiness,
            sources: Arc::from([]),
            metrics: Arc::default(),
            probe: Arc::default(),
            annotating: Arc::default(),
            reading_letters: Arc::default(),
            asking: Arc::default(),
            paces: Arc::default(),
            request_timeout: REQUEST_TIMEOUT,
            room: Arc::default(),
            exports: Seats::new("exports", MAX_EXPORTS, MAX_OWN_EXPORTS),
            tails: Seats::new("live tails", MAX_TAILS, MAX_OWN_TAILS),
            searches: Seats::new("searches", MAX_SEARCHES, MAX_OWN_SEARCHES),
            repricings: Arc::default(),
            link_key: Arc::default(),
            stop: CancellationToken::new(),
            sign_in: Some(Arc::new(SignIn::new(SignInConfig::default(), false, None))),
            catalog: None,
            sql: None,
            administration: None,
            intake: None,
            courier: None,
            replays: None,
            mapper_tasks: None,
        }
    }

    /// Returns the same state with `sources` printing at `/metrics`, in this order.
    #[must_use]
    pub fn with_metrics(mut self, sources: Vec<MetricsSource>) -> Self {
        self.sources = Arc::from(sources);
        self
    }

    /// Returns the same state with what the routes about organisations, keys, domains and rules work on;
    /// without it they answer 503.
    #[must_use]
    pub fn with_administration(mut self, administration: Administration) -> Self {
        self.administration = Some(Arc::new(administration));
        self
    }

    /// Returns the same state where people sign in as `config` says; `speaks_tls` says whether the API's own listener
    /// does, and `transport` calls the provider of identities, where one is configured.
    #[must_use]
    pub fn with_sign_in(
        mut self,
        config: SignInConfig,
        speaks_tls: bool,
        transport: Option<Arc<dyn IdentityTransport>>,
    ) -> Self {
        self.sign_in = Some(Arc::new(SignIn::new(config, speaks_tls, transport)));
        self
    }

    /// Returns the same state where cookies count for nothing and nobody signs in.
    #[must_use]
    pub(crate) fn without_sign_in(mut self) -> Self {
        self.sign_in = None;
        self
    }

    /// Returns what signing in works with, where people sign in.
    pub(crate) fn sign_in(&self) -> Option<&SignIn> {
        self.sign_in.as_deref()
    }

    /// Returns the same state with the prices; without them the routes that need them answer 503.
    #[must_use]
    pub fn with_catalog(mut self, catalog: Arc<Catalog>) -> Self {
        self.catalog = Some(catalog);
        self
    }

    /// Returns the same state with what answers questions in SQL; without it the routes about SQL answer 503.
    #[must_use]
    pub fn with_sql(mut self, sql: Arc<dyn SqlLog>) -> Self {
        self.sql = Some(sql);
        self
    }

    /// Returns what answers questions in SQL.
    pub(crate) fn sql(&self) -> Result<&dyn SqlLog, ApiError> {
        let absent = || ApiError::new(ErrorKind::StoreUnavailable, "questions in SQL are not answered here");
        self.sql.as_deref().ok_or_else(absent)
    }

    /// Returns the same state with what is cancelled when the process is about to end, so that work beside the
    /// calls ends then.
    #[must_use]
    pub fn with_stop(mut self, stop: CancellationToken) -> Self {
        self.stop = stop;
        self
    }

    /// Returns the same state with what takes records of calls that did not go through the gateway; without it
    /// the routes for them answer 503.
    #[must_use]
    pub fn with_intake(mut self, intake: Arc<dyn Intake>) -> Self {
        self.intake = Some(intake);
        self
    }

    /// Returns the same state with what sends to webhooks; without it the routes that need it answer 503.
    #[must_use]
    pub fn with_webhook_courier(mut self, courier: Arc<dyn WebhookCourier>) -> Self {
        self.courier = Some(courier);
        self
    }

    /// Returns the same state with what sends calls to the gateway of this process; without it the route that sends
    /// logged calls again answers 501.
    #[must_use]
    pub fn with_replays(mut self, transport: Arc<dyn ReplayTransport>) -> Self {
        self.replays = Some(Arc::new(Replays::new(transport)));
        self
    }

    /// Returns what sends logged calls again.
    pub(crate) fn replays(&self) -> Result<&Replays, ApiError> {
        let absent = "the gateway can't be called from here, because its listener speaks TLS: send the call yourself, as the command for curl does";
        self.replays.as_deref().ok_or_else(|| ApiError::new(ErrorKind::NoGateway, absent))
    }

    /// Returns the same state with what makes mappings.
    #[must_use]
    pub fn with_mapper_tasks(mut self, tasks: Arc<dyn MapperTasks>) -> Self {
        self.mapper_tasks = Some(tasks);
        self
    }

    /// Returns the same state with another limit for the duration of one call.
    #[must_use]
    pub const fn with_request_timeout(mut self, timeout: Duration) -> Self {
        self.request_timeout = timeout;
        self
    }

    /// Returns what the routes about organisations, keys, domains and rules work on.
    pub(crate) fn administration(&self) -> Result<&Administration, ApiError> {
        self.administration.as_deref().ok_or_else(not_open)
    }

    /// Returns the prices.
    pub(crate) fn catalog(&self) -> Result<&Arc<Catalog>, ApiError> {
        let closed = || ApiError::new(ErrorKind::StoreUnavailable, "nothing can be priced here");
        self.catalog.as_ref().ok_or_else(closed)
    }

    /// Returns what takes records of calls that did not go through the gateway.
    pub(crate) fn intake(&self) -> Result<&dyn Intake, ApiError> {
        let closed = || ApiError::new(ErrorKind::StoreUnavailable, "calls can't be logged here");
        self.intake.as_deref().ok_or_else(closed)
    }

    /// Returns what sends to webhooks.
    pub(crate) fn courier(&self) -> Result<&dyn WebhookCourier, ApiError> {
        let closed = || ApiError::new(ErrorKind::StoreUnavailable, "nothing can be sent to webhooks here");
        self.courier.as_deref().ok_or_else(closed)
    }

    /// Returns what makes mappings.
    pub(crate) fn mapper_tasks(&self) -> Result<&dyn MapperTasks, ApiError> {
        let closed = || ApiError::new(ErrorKind::StoreUnavailable, "no mappings are made here");
        self.mapper_tasks.as_deref().ok_or_else(closed)
    }

    /// Returns whether the control store is still to be opened.
    pub(crate) fn is_opening(&self) -> bool {
        self.administration.as_deref().is_some_and(|administration| administration.control.get().is_none())
    }

    /// Returns the control store, if it is open already.
    pub(crate) fn control(&self) -> Result<&Control, ApiError> {
        self.shared_control().map(Arc::as_ref)
    }

    /// Returns the control store, if it is open already, for what goes on after the call.
    pub(crate) fn shared_control(&self) -> Result<&Arc<Control>, ApiError> {
        self.administration()?.control.get().ok_or_else(not_open)
    }
}

/// Returns the error for what needs the control store before it is open.
pub(crate) fn not_open() -> ApiError {
    ApiError::new(ErrorKind::StoreUnavailable, "the control store is not open yet, try again in a second")
}
