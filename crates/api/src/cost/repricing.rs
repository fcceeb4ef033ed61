//! Calls that are priced anew: what runs, how far it is, and the work itself.
//!
//! A re-pricing goes through the rows in parts and writes those that come to another cost, so that it can be cut off
//! anywhere: beginning again writes what is still missing, and nothing where nothing is.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use gatehouse_catalog::{Catalog, Overrides, Priced};
use gatehouse_store::filter::Filter;
use gatehouse_store::log::{CACHED, LogStore, PricedRow, Revised, Revision, RevisionReason, Walk};
use gatehouse_store::pricing::PricedCall;
use gatehouse_store::view::ControlView;
use gatehouse_store::{StoreError, StoreFuture};
use gatehouse_types::{Clock, NanoUsd, OrganizationId, Timestamp, UsageSource};
use parking_lot::Mutex;
use serde::Serialize;
use serde_json::Value;
use tokio::task::JoinError;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use utoipa::ToSchema;
use uuid::Uuid;

/// How many rows are priced together: few enough that ingestion waits for none of it.
const PART_ROWS: u32 = 10_000;
/// How often the store is asked again while it is away, and after how long.
const TRIES: usize = 30;
const PAUSE: Duration = Duration::from_secs(1);
/// How many ended re-pricings of an organisation are remembered.
const MAX_REMEMBERED: usize = 20;

/// The re-pricings of every organisation since this process started.
#[derive(Debug, Default)]
pub(crate) struct Repricings {
    of: Mutex<HashMap<OrganizationId, VecDeque<Arc<Repricing>>>>,
    tasks: TaskTracker,
}

/// One re-pricing.
#[derive(Debug)]
pub(crate) struct Repricing {
    /// Its id.
    pub(crate) id: Uuid,
    /// Whose calls these are.
    pub(crate) organization_id: OrganizationId,
    /// Which calls, as it was said.
    pub(crate) filter: Value,
    /// Whether it only tells what would change.
    pub(crate) is_dry_run: bool,
    /// When it began.
    pub(crate) started_at: Timestamp,
    progress: Mutex<Progress>,
    cancelled: CancellationToken,
}

/// A re-pricing that was entered; it is forgotten again when this is dropped before it was begun, as it is when the
/// one who asked for it goes away.
#[derive(Debug)]
pub(crate) struct Entered {
    /// The re-pricing.
    pub(crate) repricing: Arc<Repricing>,
    all: Arc<Repricings>,
    has_begun: bool,
}

impl Drop for Entered {
    fn drop(&mut self) {
        if !self.has_begun {
            self.all.withdraw(&self.repricing);
        }
    }
}

/// How a re-pricing stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RepricingState)]
pub(crate) enum Standing {
    /// It is at work.
    #[default]
    Running,
    /// It went through all rows.
    Done,
    /// It was cancelled, or the server was stopped; what it wrote stays.
    Cancelled,
    /// The log store failed; what it wrote stays.
    Failed,
}

/// How far a re-pricing is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress {
    pub(crate) standing: Standing,
    /// How many rows match, when it began.
    pub(crate) total: u64,
    /// How many rows it came by.
    pub(crate) scanned: u64,
    /// How many of them come to another cost.
    pub(crate) changed: u64,
    /// How many of them keep the cost they have because too little is known to compute it.
    pub(crate) kept: u64,
    /// The sum of the known costs before, in nano-dollars.
    pub(crate) cost_before: i64,
    /// The sum of the known costs after.
    pub(crate) cost_after: i64,
    /// How many have no cost after it, by the reason.
    pub(crate) without_cost: BTreeMap<String, u64>,
    pub(crate) finished_at: Option<Timestamp>,
    /// What the log store said, for the operator.
    pub(crate) problem: Option<String>,
}

/// What a re-pricing works with.
pub(crate) struct Work {
    pub(crate) log: Arc<dyn LogStore>,
    pub(crate) catalog: Arc<Catalog>,
    /// What organisations set, as it was at the beginning.
    pub(crate) view: Arc<ControlView>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) filter: Filter,
}

/// Why a re-pricing ended before its end.
#[derive(Debug, thiserror::Error)]
enum Cut {
    #[error("it was cancelled")]
    Cancelled,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Task(#[from] JoinError),
}

impl Repricings {
    /// Enters a re-pricing, unless one of its organisation runs, which is returned then.
    pub(crate) fn enter(self: &Arc<Self>, repricing: Repricing) -> Result<Entered, Arc<Repricing>> {
        let mut all = self.of.lock();
        let own = all.entry(repricing.organization_id).or_default();
        if let Some(running) = own.iter().find(|one| one.progress().standing == Standing::Running) {
            return Err(Arc::clone(running));
        }
        let repricing = Arc::new(repricing);
        own.push_front(Arc::clone(&repricing));
        own.truncate(MAX_REMEMBERED);
        Ok(Entered { repricing, all: Arc::clone(self), has_begun: false })
    }

    /// Forgets a re-pricing that was not begun after all.
    fn withdraw(&self, repricing: &Repricing) {
        if let Some(own) = self.of.lock().get_mut(&repricing.organization_id) {
            own.retain(|one| one.id != repricing.id);
        }
    }

    /// Returns an organisation's re-pricings, the last one first.
    pub(crate) fn list(&self, organization_id: OrganizationId) -> Vec<Arc<Repricing>> {
        self.of.lock().get(&organization_id).into_iter().flatten().cloned().collect()
    }

    /// Returns one of an organisation's re-pricings.
    pub(crate) fn find(&self, organization_id: OrganizationId, id: Uuid) -> Option<Arc<Repricing>> {
        self.list(organization_id).into_iter().find(|one| one.id == id)
    }

    /// Runs a re-pricing to its end, then `ended`.
    pub(crate) fn run(
        &self,
        mut entered: Entered,
        work: Work,
        ended: impl Future<Output = ()> + Send + 'static,
    ) {
        entered.has_begun = true;
        let repricing = Arc::clone(&entered.repricing);
        self.tasks.spawn(async move {
            repricing.run(&work).await;
            ended.await;
        });
    }
}

impl Repricing {
    /// Returns a re-pricing that is about to begin; it ends early when `stop` is cancelled.
    pub(crate) fn new(
        organization_id: OrganizationId,
        filter: Value,
        is_dry_run: bool,
        started_at: Timestamp,
        stop: &CancellationToken,
    ) -> Self {
        let (id, cancelled) = (Uuid::now_v7(), stop.child_token());
        let progress = Mutex::default();
        Self { id, organization_id, filter, is_dry_run, started_at, progress, cancelled }
    }

    /// Returns how far it is.
    pub(crate) fn progress(&self) -> Progress {
        self.progress.lock().clone()
    }

    /// Has it end soon.
    pub(crate) fn cancel(&self) {
        self.cancelled.cancel();
    }

    async fn run(&self, work: &Work) {
        let result = self.work_through(work).await;
        let mut progress = self.progress.lock();
        progress.finished_at = Some(work.clock.now());
        progress.standing = match &result {
            Ok(()) => Standing::Done,
            Err(Cut::Cancelled) => Standing::Cancelled,
            Err(error) => {
                tracing::warn!(id = %self.id, %error, "pricing calls anew failed; what was written stays");
                progress.problem = Some("the log store failed; begin again to go on".to_owned());
                Standing::Failed
            }
        };
    }

    async fn work_through(&self, work: &Work) -> Result<(), Cut> {
        let count = || work.log.count(self.organization_id, work.filter.clone());
        let total = self.patiently(count).await?;
        self.progress.lock().total = total;
        let mut before = None;
        loop {
            let walk = || {
                let filter = work.filter.clone();
                let organization_id = self.organization_id;
                work.log.walk_priced(Walk { organization_id, filter, before, limit: PART_ROWS })
            };
            let part = self.patiently(walk).await?;
            self.price(work, part.rows).await?;
            match part.next {
                Some(next) => before = Some(next),
                None => return Ok(()),
            }
        }
    }

    /// Prices a part of the rows and writes what changes.
    async fn price(&self, work: &Work, rows: Vec<PricedRow>) -> Result<(), Cut> {
        if rows.is_empty() {
            return Ok(());
        }
        let (catalog, view) = (Arc::clone(&work.catalog), Arc::clone(&work.view));
        let (organization_id, now) = (self.organization_id, work.clock.now());
        let priced = tokio::task::spawn_blocking(move || {
            Part::price(&rows, &catalog, view.prices.of(organization_id), now)
        });
        let Part { mut told, revisions } = priced.await?;
        told.changed = revisions.len() as u64;
        if !self.is_dry_run && !revisions.is_empty() {
            told.changed = self.patiently(|| work.log.revise(organization_id, revisions.clone())).await?;
        }
        self.progress.lock().add(told);
        Ok(())
    }

    /// Asks the store, again while it is away; unless the re-pricing is cancelled.
    async fn patiently<'a, T>(&self, ask: impl Fn() -> StoreFuture<'a, T>) -> Result<T, Cut> {
        for _ in 1..TRIES {
            if self.cancelled.is_cancelled() {
                return Err(Cut::Cancelled);
            }
            match ask().await {
                Err(error) if error.is_transient() => {}
                answer => return Ok(answer?),
            }
            let pause = tokio::time::sleep(PAUSE);
            self.cancelled.run_until_cancelled(pause).await.ok_or(Cut::Cancelled)?;
        }
        Ok(ask().await?)
    }
}

impl Progress {
    /// Adds what a part came to.
    fn add(&mut self, part: Self) {
        self.scanned += part.scanned;
        self.changed += part.changed;
        self.kept += part.kept;
        self.cost_before = self.cost_before.saturating_add(part.cost_before);
        self.cost_after = self.cost_after.saturating_add(part.cost_after);
        for (status, count) in part.without_cost {
            *self.without_cost.entry(status).or_default() += count;
        }
    }
}

/// What a part of the rows comes to.
struct Part {
    told: Progress,
    revisions: Vec<Revision>,
}

impl Part {
    fn price(rows: &[PricedRow], catalog: &Catalog, overrides: Option<&Overrides>, now: Timestamp) -> Self {
        let mut told = Progress { scanned: rows.len() as u64, ..Progress::default() };
        let mut revisions = Vec::new();
        let nanos = |cost: Option<NanoUsd>| cost.map_or(0, NanoUsd::get);
        for row in rows {
            let anew = match is_settled(row) {
                Some(Settled::Known) => None,
                Some(Settled::Untold) => {
                    told.kept += 1;
                    None
                }
                None => Some(PricedCall::stored(row).price(catalog, overrides)),
            };
            let (cost, status) = match &anew {
                Some(Priced { cost, status }) => (*cost, status.as_str()),
                None => (row.cost, row.cost_status.as_str()),
            };
            told.cost_before = told.cost_before.saturating_add(nanos(row.cost));
            told.cost_after = told.cost_after.saturating_add(nanos(cost));
            if cost.is_none() {
                *told.without_cost.entry(status.to_owned()).or_default() += 1;
            }
            if (cost, status) != (row.cost, row.cost_status.as_str()) {
                revisions.push(revision(row, cost, status, now));
            }
        }
        Self { told, revisions }
    }
}

/// Why a row's cost is not computed anew.
enum Settled {
    /// It is known whatever the prices are.
    Known,
    /// It was computed when more was known of the call than its row tells.
    Untold,
}

/// Returns why a row's cost is not computed anew, if it isn't.
///
/// An answer out of the cache costs nothing. A row of a time when rows did not tell their service tier keeps the cost
/// that was computed when the tier was known; if it has none, it is priced as of the standard tier.
fn is_settled(row: &PricedRow) -> Option<Settled> {
    if row.usage_source == UsageSource::Cache || row.cost_status == CACHED {
        return Some(Settled::Known);
    }
    (row.billing.is_unknown && row.cost.is_some() && row.revised.is_none()).then_some(Settled::Untold)
}

fn revision(row: &PricedRow, cost: Option<NanoUsd>, status: &str, now: Timestamp) -> Revision {
    let seen = row.revised.map(|revised| revised.at);
    // A clock that was set back must not make a revision older than the one it replaces.
    let after = seen.map_or(now, |seen| now.max(Timestamp::from_unix_micros(seen.as_unix_micros() + 1)));
    Revision {
        row_key: row.row_key,
        seen,
        reading: None,
        cost,
        cost_status: status.to_owned(),
        revised: Revised { at: after, reason: RevisionReason::Reprice },
    }
}

#[cfg(test)]
mod tests;
