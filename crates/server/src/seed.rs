//! `gatehouse dev seed`: made-up calls, written straight into the log store.
//!
//! Every call is made up as the gateway would have recorded it, bodies and all, and then read and priced as the
//! recorder does with real ones. The same seed gives the same calls.

mod bodies;
mod call;
mod models;
mod random;
mod text;
mod timeline;
mod world;

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures_util::{StreamExt as _, stream};
use gatehouse_config::Config;
use gatehouse_record::{Knowledge, KnowledgeSource, enrich};
use gatehouse_store::control::{ControlStore as _, Organization};
use gatehouse_store::log::{Bodies, LogRow};
use gatehouse_store_log::DuckDbLog;
use gatehouse_types::{BodyState, Clock as _, KeyId, SystemClock};
use tokio::runtime::Builder;

use crate::administration::{owner, work_on};
use crate::cli::{DevCommand, SeedRows};
use crate::data_dir::DataDir;
use crate::process::log_options;
use crate::{banner, prices, settings};
use random::Random;
use timeline::Timeline;
use world::World;

/// How many calls are made up and stored at once.
const BATCH_ROWS: u64 = 8_192;
/// How many batches are made up ahead of the one that is stored.
const AHEAD: usize = 3;
/// How often a terminal is told how far it is.
const TELL_EVERY: Duration = Duration::from_millis(500);

/// Runs a command for trying things out.
pub(crate) fn run(command: &DevCommand) -> Result<()> {
    let DevCommand::Seed(seed) = command;
    let mut config = settings::load(&seed.place)?;
    let data_dir = DataDir::lock(&config.data_dir)?;
    config.data_dir = data_dir.path().to_owned();
    let (organization, keys) = work_on(&config, async |store, _config| {
        let organization = owner(store, &seed.owner).await?;
        let keys = store.keys().await.context("can't read keys")?;
        let own = keys.iter().filter(|key| key.organization_id == organization.id);
        let own = own.map(|key| key.id).collect();
        Ok((organization, own))
    })?;
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(fill(seed, &config, organization, keys))
}

async fn fill(seed: &SeedRows, config: &Config, organization: Organization, keys: Vec<KeyId>) -> Result<()> {
    ensure!(seed.rows > 0, "`--rows` must be 1 or more");
    let until = seed.until.unwrap_or_else(|| SystemClock.now());
    let timeline = Timeline::new(seed.seed, until, seed.days);
    let maker = Arc::new(Maker {
        world: World::new(organization.id, keys, seed.seed, timeline),
        knowledge: KnowledgeSource { catalog: prices::catalog(config)?, view: Arc::default() }.now(),
        rows: seed.rows,
        keeps_bodies: !seed.no_bodies,
        max_body_bytes: usize::try_from(config.log.max_body_bytes).unwrap_or(usize::MAX),
    });
    let log = DuckDbLog::start(log_options(config)).context("can't start the log store")?;
    let mut progress = Progress::new(seed.rows);
    let made = stream::iter(0..seed.rows.div_ceil(BATCH_ROWS)).map(|batch| {
        let maker = Arc::clone(&maker);
        tokio::task::spawn_blocking(move || maker.batch(batch))
    });
    let mut made = made.buffered(AHEAD);
    while let Some(rows) = made.next().await {
        let rows = rows.context("making up calls panicked")?;
        let count = rows.len() as u64;
        log.load(rows).await?;
        progress.add(count);
    }
    log.close().await?;
    let (name, rate) = (&organization.name, progress.rate());
    progress.end();
    banner::print(&format!(
        "stored {} calls of {} days for the organisation {name} ({rate:.0} a second)",
        seed.rows, seed.days
    ))
}

/// Makes up batches of calls.
struct Maker {
    world: World,
    knowledge: Knowledge,
    rows: u64,
    keeps_bodies: bool,
    max_body_bytes: usize,
}

impl Maker {
    fn batch(&self, batch: u64) -> Vec<LogRow> {
        let first = batch.saturating_mul(BATCH_ROWS);
        let count = self.rows.saturating_sub(first).min(BATCH_ROWS);
        let part = |row: u64| row as f64 / self.rows as f64;
        let mut random = Random::new(self.world.seed, batch);
        let span = (part(first), part(first + count));
        let moments = self.world.moments(&mut random, usize::try_from(count).unwrap_or(0), span);
        let mut kept = None;
        let calls =
            moments.iter().filter_map(|moment| call::call(&self.world, &mut random, moment, &mut kept));
        calls.map(|seeded| self.row(seeded)).collect()
    }

    fn row(&self, seeded: call::Seeded) -> LogRow {
        let mut row = enrich(seeded.exchange, &self.knowledge, self.max_body_bytes);
        row.country_code = Some(seeded.country.to_owned());
        row.annotations = seeded.annotations;
        if !self.keeps_bodies {
            row.bodies = Bodies::default();
            (row.request_body_state, row.response_body_state) = (BodyState::Omitted, BodyState::Omitted);
            (row.request_preview, row.response_preview) = (None, None);
        }
        row
    }
}

/// How far it is, on a terminal.
struct Progress {
    begun: Instant,
    told: Option<Instant>,
    done: u64,
    total: u64,
    is_terminal: bool,
}

impl Progress {
    fn new(total: u64) -> Self {
        let is_terminal = io::stderr().is_terminal();
        Self { begun: Instant::now(), told: None, done: 0, total, is_terminal }
    }

    fn add(&mut self, rows: u64) {
        self.done += rows;
        if !self.is_terminal || self.told.is_some_and(|told| told.elapsed() < TELL_EVERY) {
            return;
        }
        self.told = Some(Instant::now());
        let left = self.total.saturating_sub(self.done) as f64 / self.rate().max(1.0);
        let (done, total, rate) = (self.done, self.total, self.rate());
        let mut terminal = io::stderr().lock();
        // A terminal that is gone needs no progress.
        drop(write!(terminal, "\r\x1b[K{done} of {total} calls, {rate:.0} a second, {left:.0} s to go"));
        drop(terminal.flush());
    }

    /// Returns how many rows a second were stored.
    fn rate(&self) -> f64 {
        self.done as f64 / self.begun.elapsed().as_secs_f64().max(1e-3)
    }

    fn end(self) {
        if self.is_terminal {
            drop(writeln!(io::stderr().lock(), "\r\x1b[K{} calls", self.done));
        }
    }
}

#[cfg(test)]
mod tests;
