//! The limits of calls to targets that are not approved: decided in memory, written down before the call is made.
//!
//! A call that is let through waits until its count is in the store, so that a process which is killed knows
//! it when it comes back. A refusal changes nothing and waits for nothing. Where the store fails, the counts
//! in memory hold.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use gatehouse_policy::{DomainLimits, DomainQuota, Verdict};
use gatehouse_store::StoreError;
use gatehouse_store::counters::{Counter, CounterKey, CounterStore};
use gatehouse_types::{OrganizationId, Timestamp};
use gatehouse_upstream::Origin;
use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot};

use crate::limit::Limit;
use crate::reject::Refusal;

/// How many counters there are at most: who calls more targets than that in a day is refused.
const MOST_COUNTERS: usize = 100_000;
/// How many counts may wait to be written.
const QUEUE: usize = 1024;
/// How many are written together.
const BATCH: usize = 256;
/// How long a call waits for its count to be written.
const WRITE_WAIT: Duration = Duration::from_secs(1);

/// What is counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct QuotaKey {
    pub(crate) organization_id: OrganizationId,
    pub(crate) origin: Arc<Origin>,
}

/// A count on its way to the store.
struct Write {
    counter: Counter,
    written: oneshot::Sender<()>,
}

/// The counts of every organisation and target that is not approved.
pub struct Quotas {
    limits: DomainLimits,
    counts: Mutex<HashMap<QuotaKey, DomainQuota>>,
    writes: mpsc::Sender<Write>,
}

/// Writes counts to the store, in their order.
pub struct QuotaWriter {
    store: Arc<dyn CounterStore>,
    writes: mpsc::Receiver<Write>,
}

impl Quotas {
    /// Returns the counts of the day of `now` as they are in `store`, and their writer, which has to be run.
    ///
    /// # Errors
    /// Fails when the store can't be read.
    pub async fn load(
        limits: DomainLimits,
        store: Arc<dyn CounterStore>,
        now: Timestamp,
    ) -> Result<(Self, QuotaWriter), StoreError> {
        let stored = store.load(now.unix_day()).await?;
        let counts = stored.into_iter().filter_map(restored).collect();
        let (writes, queue) = mpsc::channel(QUEUE);
        Ok((Self { limits, counts: Mutex::new(counts), writes }, QuotaWriter { store, writes: queue }))
    }

    /// Takes one call out of what `key` has left.
    ///
    /// # Errors
    /// Refuses the call when a limit is reached.
    pub(crate) async fn take(&self, key: QuotaKey, now: Timestamp) -> Result<(), Refusal> {
        let (written, waits) = oneshot::channel();
        self.decide(key, now, written)?;
        if !matches!(tokio::time::timeout(WRITE_WAIT, waits).await, Ok(Ok(()))) {
            tracing::warn!("a count of calls to an unapproved target is in memory only");
        }
        Ok(())
    }

    /// Decides in one step, so that of many calls at once no more pass than may, and their counts are written
    /// in their order.
    fn decide(&self, key: QuotaKey, now: Timestamp, written: oneshot::Sender<()>) -> Result<(), Refusal> {
        let mut counts = self.counts.lock();
        if counts.len() >= MOST_COUNTERS && !counts.contains_key(&key) {
            let today = now.unix_day();
            counts.retain(|_, quota| quota.day >= today);
            if counts.len() >= MOST_COUNTERS {
                return Err(Refusal::TooManyTargets);
            }
        }
        let stored = CounterKey { organization_id: key.organization_id, origin: key.origin.to_string() };
        let quota = counts.entry(key).or_default();
        match quota.take(now, self.limits) {
            Verdict::Passed { .. } => {
                let DomainQuota { day, used, not_before_us } = *quota;
                let counter = Counter { key: stored, day, used, not_before_us };
                if self.writes.try_send(Write { counter, written }).is_err() {
                    tracing::debug!("too many counts wait to be written; a later one has this one too");
                }
                Ok(())
            }
            Verdict::PerSecond { retry_after } => {
                let limit = Limit::per_second(self.limits, retry_after);
                Err(Refusal::DomainLimit(limit))
            }
            Verdict::PerDay { retry_after } => {
                Err(Refusal::DomainLimit(Limit::per_day(self.limits, retry_after)))
            }
        }
    }
}

fn restored(counter: Counter) -> Option<(QuotaKey, DomainQuota)> {
    let Counter { key, day, used, not_before_us } = counter;
    let origin = Origin::parse(&key.origin, true).ok()?;
    let key = QuotaKey { organization_id: key.organization_id, origin: Arc::new(origin) };
    Some((key, DomainQuota { day, used, not_before_us }))
}

/// Lets a call go on that waits for its count; one that no longer waits has its count all the same.
fn tell(written: oneshot::Sender<()>) {
    if written.send(()).is_err() {
        tracing::trace!("a call did not wait for its count");
    }
}

impl QuotaWriter {
    /// Writes what comes, for as long as there are [`Quotas`].
    ///
    /// # Cancellation
    /// Dropping the future leaves counts that wait unwritten.
    pub async fn run(mut self) {
        let mut batch = Vec::with_capacity(BATCH);
        while self.writes.recv_many(&mut batch, BATCH).await > 0 {
            let mut latest = HashMap::new();
            let mut waiting = Vec::with_capacity(batch.len());
            for write in batch.drain(..) {
                latest.insert(write.counter.key.clone(), write.counter);
                waiting.push(write.written);
            }
            match self.store.save(latest.into_values().collect()).await {
                Ok(()) => waiting.into_iter().for_each(tell),
                Err(error) => {
                    tracing::warn!(%error, "counts of calls to unapproved targets can't be written")
                }
            }
        }
    }
}
