//! The running parts of the process and what ties them together.

use std::collections::HashMap;
use std::fs;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::{Context, Result};
use gatehouse_api::{Administration, ApiState, Control, LocalService, MetricsSource, Readiness};
use gatehouse_catalog::Catalog;
use gatehouse_config::{Config, Snapshot, UpstreamConfig};
use gatehouse_gateway::{JournalIntake, Metrics, Quotas, Shared};
use gatehouse_journal::Journal;
use gatehouse_policy::DomainLimits;
use gatehouse_record::{
    Courier, Drained, KnowledgeSource, MapperJob, MapperParts, MapperQueue, RecordOptions, RecordStats,
    Recorder, WebhookParts, WebhookSender, WebhookStats,
};
use gatehouse_store::control::ControlStore;
use gatehouse_store::counters::CounterStore;
use gatehouse_store::view::{SharedView, ViewKeeper};
use gatehouse_store_log::{DuckDbLog, Options};
use gatehouse_store_shared::limits::Limits;
use gatehouse_tls::Acceptor;
use gatehouse_types::{Clock as _, SystemClock};
use gatehouse_upstream::{AddressGuard, Connector, Resolver, client_config};
use gatehouse_wire::ProviderTable;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::cache::Cache;
use crate::listener::{Listener, Tls};
use crate::local_api::ApiBehindGateway;
use crate::mappers::MapperTasksOnceOpen;
use crate::records::RecordVerifier;
use crate::webhooks::ApiCourier;
use crate::{control, identities, metrics, prices, records, replays, vault_keys, webhooks};

/// What must be done before the process is ready.
const KEYS: &str = "keys";
const JOURNAL: &str = "journal";
const GATEWAY: &str = "gateway";

/// Everything that runs but the gateway's workers.
pub(crate) struct Process {
    config: Snapshot,
    pub(crate) readiness: Readiness,
    view: SharedView,
    keeper: OnceLock<Arc<ViewKeeper>>,
    /// What the API changes the control store with, once it is open.
    control: Arc<OnceLock<Arc<Control>>>,
    providers: Arc<ProviderTable>,
    catalog: Arc<Catalog>,
    local_api: OnceLock<LocalService>,
    log: Arc<DuckDbLog>,
    gateway_metrics: Arc<Metrics>,
    resolver: Arc<Resolver>,
    journal: Arc<OnceLock<(Journal, Arc<RecordStats>)>>,
    cache: Cache,
    /// What sends to webhooks.
    courier: Arc<Courier>,
    webhooks: Arc<OnceLock<Arc<WebhookStats>>>,
    /// What makes mappings, once the journal is followed.
    mappers: Arc<OnceLock<MapperQueue>>,
    /// What takes records of calls that did not go through the gateway.
    intake: Arc<JournalIntake>,
    /// Ends what works for the gateway.
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// What is counted of calls, and limits them.
pub(crate) struct Counts {
    quotas: Arc<Quotas>,
    limits: Arc<Limits>,
}

impl Process {
    /// Opens the log store's workers and serves the API, which is not ready yet.
    pub(crate) fn start(config: Snapshot, api_listener: Listener, gateway: &Listener) -> Result<Self> {
        let resolver = Arc::new(resolver(&config.upstream)?);
        let to_webhooks = connector(&config, Arc::clone(&resolver), webhooks::CONNECT_TIMEOUT)?;
        let process = Self {
            readiness: Readiness::new([KEYS, JOURNAL, GATEWAY]),
            view: Arc::default(),
            keeper: OnceLock::new(),
            control: Arc::default(),
            providers: Arc::new(ProviderTable::new(config.providers.clone())?),
            catalog: prices::catalog(&config)?,
            local_api: OnceLock::new(),
            log: Arc::new(DuckDbLog::start(log_options(&config)).context("can't start the log store")?),
            gateway_metrics: Arc::default(),
            resolver,
            courier: webhooks::courier(&config, to_webhooks),
            webhooks: Arc::default(),
            mappers: Arc::default(),
            journal: Arc::default(),
            cache: Cache::open(&config),
            intake: Arc::default(),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            config,
        };
        let identities = identities::transport(&process.config)?;
        let mut state =
            ApiState::new(process.log.clone(), Arc::clone(&process.view), process.readiness.clone())
                .with_metrics(process.metrics_sources())
                .with_catalog(Arc::clone(&process.catalog))
                .with_sql(process.log.clone())
                .with_stop(process.stop.clone())
                .with_sign_in(process.config.sign_in.clone(), api_listener.tls.is_some(), identities)
                .with_administration(process.administration())
                .with_webhook_courier(process.api_courier())
                .with_intake(process.intake.clone())
                .with_mapper_tasks(Arc::new(MapperTasksOnceOpen(Arc::clone(&process.mappers))));
        if let Some(transport) = replays::transport(&process.config, gateway)? {
            state = state.with_replays(transport);
        }
        let shutdown = process.stop.clone().cancelled_owned();
        let tls = process.follow_certificate(api_listener.tls);
        let behind_gateway = gatehouse_api::router_behind_gateway(state.clone());
        process.local_api.get_or_init(|| LocalService::new(behind_gateway, Handle::current()));
        let router = gatehouse_api::router(state);
        process.tasks.spawn(gatehouse_api::serve(api_listener.socket, tls, router, shutdown));
        Ok(process)
    }

    /// Keeps a listener's certificate what its files say, and returns what shakes hands with it.
    pub(crate) fn follow_certificate(&self, tls: Option<Tls>) -> Option<Acceptor> {
        let Tls { acceptor, watch } = tls?;
        self.spawn_until_stop(watch);
        Some(acceptor)
    }

    /// Reads what calls need of the control store into memory, and keeps that what the store has.
    pub(crate) async fn follow_control(&self, store: Arc<dyn ControlStore>) -> Result<()> {
        let secrets = vault_keys::open(&self.config)?;
        let keeper = Arc::new(ViewKeeper::new(store, Arc::clone(&self.view), secrets));
        keeper.refresh().await.context("can't read keys and domains")?;
        self.keeper.get_or_init(|| Arc::clone(&keeper));
        self.spawn_until_stop(control::follow(Arc::clone(&keeper)));
        let parents = self.config.domains.verification_parents.clone();
        let verifier = Arc::new(RecordVerifier::new(Arc::clone(&self.resolver), parents));
        let control = Arc::new(Control::new(keeper, verifier, Arc::new(SystemClock)));
        self.control.get_or_init(|| Arc::clone(&control));
        self.spawn_until_stop(records::recheck(control, self.config.domains.recheck_interval));
        self.readiness.met(KEYS);
        Ok(())
    }

    fn api_courier(&self) -> Arc<ApiCourier> {
        Arc::new(ApiCourier::new(Arc::clone(&self.courier), Arc::clone(&self.config)))
    }

    fn administration(&self) -> Administration {
        Administration {
            control: Arc::clone(&self.control),
            providers: Arc::clone(&self.providers),
            limits: self.config.domains.clone(),
            reveals_provider_keys: self.config.vault.reveal,
        }
    }

    /// Brings what is in the journal into the log store, from now on.
    pub(crate) fn record(&self, journal: &Journal) {
        let options = record_options(&self.config);
        let mut recorder = Recorder::new(journal.clone(), self.log.clone(), self.knowledge(), options);
        if let Some(mappers) = self.map_unknown() {
            recorder = recorder.telling(mappers);
        }
        self.journal.get_or_init(|| (journal.clone(), recorder.stats()));
        self.intake.open(journal.clone());
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            if recorder.run(stop).await == Drained::Unfinished {
                tracing::warn!(
                    "not every call is in the log store yet; the rest is stored at the next start"
                );
            }
        });
        self.tell_webhooks(journal);
        self.readiness.met(JOURNAL);
    }

    /// What calls are read and priced with.
    fn knowledge(&self) -> KnowledgeSource {
        KnowledgeSource { catalog: Arc::clone(&self.catalog), view: Arc::clone(&self.view) }
    }

    /// Makes mappings of APIs that no reader knows, from now on; returns the way to tell of such calls.
    fn map_unknown(&self) -> Option<MapperQueue> {
        let parts = MapperParts {
            log: self.log.clone(),
            keeper: Arc::clone(self.keeper.get()?),
            knowledge: self.knowledge(),
            clock: Arc::new(SystemClock),
            interval: self.config.mappers.interval,
        };
        let (job, queue) = MapperJob::new(parts);
        self.mappers.get_or_init(|| queue.clone());
        self.tasks.spawn(job.run(self.stop.clone()));
        Some(queue)
    }

    /// Tells webhooks of what is in the journal, from now on.
    fn tell_webhooks(&self, journal: &Journal) {
        let (Some(keeper), Some((_, recorded))) = (self.keeper.get(), self.journal.get()) else { return };
        let parts = WebhookParts {
            journal: journal.clone(),
            view: Arc::clone(&self.view),
            store: Arc::clone(keeper.store()),
            catalog: Arc::clone(&self.catalog),
            recorded: Arc::clone(recorded),
            courier: Arc::clone(&self.courier),
            clock: Arc::new(SystemClock),
        };
        let sender = WebhookSender::new(parts, webhooks::options(&self.config));
        self.webhooks.get_or_init(|| sender.stats());
        self.tasks.spawn(sender.run(self.stop.clone()));
    }

    /// Reads where limits stand, and has that written from now on.
    pub(crate) async fn count(&self, store: Arc<dyn CounterStore>) -> Result<Counts> {
        let domains = &self.config.domains;
        let limits = DomainLimits {
            requests_per_day: domains.requests_per_day,
            requests_per_second: domains.requests_per_second,
        };
        let loaded = Quotas::load(limits, Arc::clone(&store), SystemClock.now()).await;
        let (quotas, writer) = loaded.context("can't read the counts of calls to unapproved targets")?;
        self.tasks.spawn(writer.run());
        let loaded = Limits::load(store, Arc::new(SystemClock)).await;
        let (limits, writer) = loaded.context("can't read where rate limits stand")?;
        self.tasks.spawn(writer.run());
        Ok(Counts { quotas: Arc::new(quotas), limits: Arc::new(limits) })
    }

    /// Returns what the gateway's workers share.
    pub(crate) fn shared(&self, journal: &Journal, counts: Counts) -> Result<Shared> {
        let api = self.local_api.get().context("the API is not served yet")?;
        Ok(Shared {
            config: Arc::clone(&self.config),
            view: Arc::clone(&self.view),
            providers: Arc::clone(&self.providers),
            quotas: counts.quotas,
            limits: counts.limits,
            catalog: Arc::clone(&self.catalog),
            cache: Arc::clone(&self.cache.answers),
            api: Arc::new(ApiBehindGateway(api.clone())),
            journal: journal.clone(),
            connector: Arc::new(connector(
                &self.config,
                Arc::clone(&self.resolver),
                self.config.gateway.connect_timeout,
            )?),
            clock: Arc::new(SystemClock),
            metrics: Arc::clone(&self.gateway_metrics),
        })
    }

    /// Says that the gateway listens: the start is done.
    pub(crate) fn ready(&self) {
        self.readiness.met(GATEWAY);
    }

    /// Ends everything; what is in the journal and not in the store yet is there at the next start.
    pub(crate) async fn stop(self, journal: Journal) -> Result<()> {
        tokio::task::spawn_blocking(move || journal.close()).await.context("the journal did not close")?;
        if let Some(keeper) = self.keeper.get() {
            control::write_key_uses(keeper).await;
        }
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.log.close().await.context("the log store did not close")
    }

    fn spawn_until_stop(&self, task: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                () = task => {}
                () = stop.cancelled() => {}
            }
        });
    }

    fn metrics_sources(&self) -> Vec<MetricsSource> {
        let (gateway, journal) = (Arc::clone(&self.gateway_metrics), Arc::clone(&self.journal));
        let cache = self.cache.clone();
        let intake = Arc::clone(&self.intake);
        let webhooks = Arc::clone(&self.webhooks);
        vec![
            Arc::new(move |text: &mut String| gateway.render(text)),
            Arc::new(move |text: &mut String| cache.render(text)),
            Arc::new(move |text: &mut String| intake.render(text)),
            Arc::new(move |text: &mut String| {
                if let Some((journal, recorder)) = journal.get() {
                    metrics::journal(journal, text);
                    metrics::recorder(journal, recorder, text);
                }
            }),
            Arc::new(move |text: &mut String| {
                if let Some(stats) = webhooks.get() {
                    metrics::webhooks(stats, text);
                }
            }),
        ]
    }
}

fn record_options(config: &Config) -> RecordOptions {
    let mut options = RecordOptions::new(config.data_dir.join("rejected"));
    options.batch_rows = config.log.batch_rows;
    options.batch_interval = config.log.batch_interval;
    options.max_body_bytes = usize::try_from(config.log.max_body_bytes).unwrap_or(usize::MAX);
    options
}

/// Returns where the log store is and what it may use.
pub(crate) fn log_options(config: &Config) -> Options {
    let mut options = Options::at(config.log_path());
    options.max_body_bytes = usize::try_from(config.log.max_body_bytes).unwrap_or(usize::MAX);
    options
}

/// The way to the outside as configured; connecting takes `timeout` at most.
pub(crate) fn connector(config: &Config, resolver: Arc<Resolver>, timeout: Duration) -> Result<Connector> {
    let upstream = &config.upstream;
    let extra_roots = upstream
        .extra_ca
        .as_ref()
        .map(|path| {
            fs::read(path).with_context(|| format!("can't read `upstream.extra_ca` `{}`", path.display()))
        })
        .transpose()?;
    let tls = client_config(extra_roots.as_deref(), upstream.http2).context("`upstream.extra_ca`")?;
    Ok(Connector::new(resolver, tls, timeout))
}

/// Who knows the addresses of providers.
fn resolver(upstream: &UpstreamConfig) -> Result<Resolver> {
    let guard = AddressGuard::new(upstream.allow_private.clone());
    Resolver::new(guard, fixed_addresses(upstream), upstream.dns_server)
        .context("can't set up name resolution")
}

pub(crate) fn fixed_addresses(upstream: &UpstreamConfig) -> HashMap<(String, u16), SocketAddr> {
    let fixed = upstream.resolve.iter();
    fixed.map(|(place, address)| ((place.host.clone(), place.port), *address)).collect()
}
