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

/// How many targets an organisation may call in a day: each takes memory, and nobody takes another's.
const MOST_TARGETS: usize = 10_000;
const DAY: Duration = Duration::from_hours(24);
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
    counts: Mutex<HashMap<OrganizationId, Counts>>,
    writes: mpsc::Sender<Write>,
}

/// The counts of one organisation.
#[derive(Default)]
struct Counts {
    by_origin: HashMap<Arc<Origin>, DomainQuota>,
    /// The day on which those of earlier days were last dropped.
    swept_on: u32,
}

impl Counts {
    /// Returns the count for `origin`, or `None` where that would be one too many.
    fn of(&mut self, origin: Arc<Origin>, now: Timestamp) -> Option<&mut DomainQuota> {
        if self.by_origin.len() >= MOST_TARGETS && !self.by_origin.contains_key(&origin) {
            self.sweep(now);
            if self.by_origin.len() >= MOST_TARGETS {
                return None;
            }
        }
        Some(self.by_origin.entry(origin).or_default())
    }

    /// Drops what no longer limits anything; once a day, so that no flood of refusals pays for it again.
    fn sweep(&mut self, now: Timestamp) {
        let today = now.unix_day();
        if self.swept_on == today {
            return;
        }
        self.swept_on = today;
        let still_limits =
            |quota: &DomainQuota| quota.day >= today || quota.not_before_us > now.as_unix_micros();
        self.by_origin.retain(|_, quota| still_limits(quota));
    }
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
        let mut counts: HashMap<_, Counts> = HashMap::new();
        for (key, quota) in stored.into_iter().filter_map(restored) {
            counts.entry(key.organization_id).or_default().by_origin.insert(key.origin, quota);
        }
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
        let QuotaKey { organization_id, origin } = key;
        let mut counts = self.counts.lock();
        let counts = counts.entry(organization_id).or_default();
        let Some(quota) = counts.of(Arc::clone(&origin), now) else {
            return Err(Refusal::TooManyTargets(Limit::of_day(MOST_TARGETS as u64, until_tomorrow(now))));
        };
        match quota.take(now, self.limits) {
            Verdict::Passed { .. } => {
                let DomainQuota { day, used, not_before_us } = *quota;
                let key = CounterKey { organization_id, origin: origin.to_string() };
                let counter = Counter { key, day, used, not_before_us };
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
                Err(Refusal::DomainLimit(Limit::of_day(self.limits.requests_per_day, retry_after)))
            }
        }
    }
}

/// Returns the time until the next day in UTC begins.
fn until_tomorrow(now: Timestamp) -> Duration {
    let into_day = now.as_unix_micros().rem_euclid(i64::try_from(DAY.as_micros()).unwrap_or(i64::MAX));
    DAY.saturating_sub(Duration::from_micros(into_day.unsigned_abs()))
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

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "0193a1d2-7c3e-7bbb-8000-000000000001";
    const SECOND: &str = "0193a1d2-7c3e-7bbb-8000-000000000002";
    /// Midnight in UTC.
    const MIDNIGHT_US: i64 = 20_780 * 86_400_000_000;
    const LIMITS: DomainLimits = DomainLimits { requests_per_day: 10, requests_per_second: 1 };

    /// Calls the target with this number at so many milliseconds after midnight.
    fn call(quotas: &Quotas, organization: &str, target: usize, millis: i64) -> Result<(), Refusal> {
        let origin = Origin::parse(&format!("https://{target}.unknown.example"), false).unwrap();
        let organization_id = OrganizationId::parse(organization).unwrap();
        let key = QuotaKey { organization_id, origin: Arc::new(origin) };
        let now = Timestamp::from_unix_micros(MIDNIGHT_US + millis * 1_000);
        quotas.decide(key, now, oneshot::channel().0)
    }

    #[test]
    fn too_many_targets_of_one_organisation_are_its_own_affair() {
        let quotas = Quotas { limits: LIMITS, counts: Mutex::default(), writes: mpsc::channel(1).0 };
        for target in 0..MOST_TARGETS {
            call(&quotas, FIRST, target, -60_000).unwrap();
        }
        let Err(Refusal::TooManyTargets(limit)) = call(&quotas, FIRST, MOST_TARGETS, -60_000) else {
            panic!("one more was let through");
        };
        assert_eq!(limit, Limit::of_day(MOST_TARGETS as u64, Duration::from_mins(1)));
        // Targets that are counted already, and other organisations, go on as before.
        call(&quotas, FIRST, 0, -500).unwrap();
        call(&quotas, SECOND, MOST_TARGETS, -60_000).unwrap();
        // The next day makes room, but not for a call that comes too soon after the last one.
        call(&quotas, FIRST, MOST_TARGETS, 0).unwrap();
        assert!(matches!(call(&quotas, FIRST, 0, 0), Err(Refusal::DomainLimit(_))));
        call(&quotas, FIRST, 1, 0).unwrap();
    }
}
