//! `gatehouse serve`: the start, the wait for the signal, the end.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use gatehouse_config::{Config, Durability, Snapshot};
use gatehouse_gateway::Gateway;
use gatehouse_journal::{Journal, JournalOptions};
use gatehouse_store_control::{SqliteControlStore, SqliteCounterStore};

use crate::banner::Fresh;
use crate::cli::Place;
use crate::data_dir::DataDir;
use crate::listener::Listener;
use crate::process::Process;
use crate::stop_signal::StopSignal;
use crate::{banner, bootstrap, logging, open_files, settings};

/// What a record takes beside its bodies and headers.
const METADATA_BYTES: u64 = 64 << 10;
/// How much longer JSON may write a byte of a header.
const ESCAPED_BYTES: u64 = 6;
/// Threads for everything but proxied traffic.
const CONTROL_THREADS: usize = 2;

/// Runs the server until it is asked to stop.
pub(crate) fn serve(place: &Place) -> Result<()> {
    let mut config = settings::load(place)?;
    logging::start(&config.telemetry)?;
    open_files::raise_limit();
    let data_dir = DataDir::lock(&config.data_dir)?;
    config.data_dir = data_dir.path().to_owned();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(CONTROL_THREADS)
        .thread_name("control")
        .enable_all()
        .build()
        .context("can't start the runtime")?;
    runtime.block_on(run(Arc::new(config), &data_dir))
}

async fn run(config: Snapshot, data_dir: &DataDir) -> Result<()> {
    let mut stop_signal = StopSignal::new()?;
    let gateway_listener = Listener::of_gateway(&config.gateway)?;
    let api_listener = Listener::of_api(&config.api)?;
    let (gateway_url, api_url) = (gateway_listener.url()?, api_listener.url()?);
    let dashboard_url = settings::dashboard_url(&config, &api_url);
    let process = Process::start(Arc::clone(&config), api_listener, &gateway_listener)?;

    let control = SqliteControlStore::open(config.control_path()).await?;
    let fresh = Fresh {
        key: bootstrap::first_key(&control, &config.bootstrap).await?,
        first_visit: bootstrap::first_visit(&control, &dashboard_url).await?,
    };
    process.follow_control(Arc::new(control)).await?;
    let counters = open_counters(&config.counters_path()).await?;
    let counts = process.count(Arc::new(counters)).await?;
    let journal = open_journal(&config).await?;
    process.record(&journal);
    let tls = process.follow_certificate(gateway_listener.tls);
    let gateway =
        Gateway::start(gateway_listener.socket.into_std()?, tls, process.shared(&journal, counts)?)?;
    process.ready();
    banner::started(&gateway_url, &api_url, data_dir.path(), &fresh)?;

    stop_signal.wait().await;
    tracing::info!("stopping: no new connections, calls in flight may end");
    process.readiness.drain();
    tokio::task::spawn_blocking(move || gateway.drain()).await.context("the gateway did not stop")?;
    process.stop(journal).await
}

/// Opens the counters of limits; damaged ones are set aside: what they held is worth no outage.
async fn open_counters(path: &Path) -> Result<SqliteCounterStore> {
    match SqliteCounterStore::open(path).await {
        Err(error) if error.is_damaged() => {
            let aside = path.with_extension("damaged");
            tracing::warn!(%error, aside = %aside.display(), "today's counts of limits are lost");
            fs::rename(path, &aside).with_context(|| format!("can't rename {}", path.display()))?;
            Ok(SqliteCounterStore::open(path).await?)
        }
        opened => Ok(opened?),
    }
}

/// Opens the journal beside the runtime: recovery reads the last segment.
async fn open_journal(config: &Config) -> Result<Journal> {
    let options = journal_options(config);
    let (journal, recovery) = tokio::task::spawn_blocking(|| Journal::open(options))
        .await
        .context("opening the journal panicked")?
        .context("can't open the journal")?;
    tracing::info!(?recovery, "journal recovered");
    Ok(journal)
}

fn journal_options(config: &Config) -> JournalOptions {
    let mut options = JournalOptions::new(config.data_dir.join("journal"));
    options.durability = match config.journal.durability {
        Durability::Normal => gatehouse_journal::Durability::Normal,
        Durability::Strict => gatehouse_journal::Durability::Strict,
    };
    options.segment_bytes = config.journal.segment_bytes;
    options.max_disk_bytes = config.journal.max_disk_bytes;
    options.max_queued_bytes = usize::try_from(config.journal.max_queued_bytes).unwrap_or(usize::MAX);
    options.commit_interval = config.journal.commit_interval;
    // Two bodies, and metadata that is made of the headers.
    let metadata =
        config.gateway.max_header_bytes.saturating_mul(ESCAPED_BYTES).saturating_add(METADATA_BYTES);
    let record = config.gateway.max_buffered_body_bytes.saturating_mul(2).saturating_add(metadata);
    options.max_record_bytes = usize::try_from(record).unwrap_or(usize::MAX);
    options
}
