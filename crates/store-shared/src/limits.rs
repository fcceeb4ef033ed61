//! Limits kept by this process: decided in memory, written down before the call is made.
//!
//! A call that is let through waits until what it took is in the counter store, so that a process which is
//! killed knows it when it comes back. A refusal waits for nothing. Where the store fails, what is in memory
//! holds. `limits/shard.rs` decides, `limits/writer.rs` writes down.

mod shard;
mod writer;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use gatehouse_policy::rate::restore;
use gatehouse_store::counters::CounterStore;
use gatehouse_store::limits::{Claim, Decision, LimitStore, Outcome, Reservation};
use gatehouse_store::{StoreError, StoreFuture};
use gatehouse_types::{Clock, OrganizationId, Timestamp};
use parking_lot::Mutex;
use tokio::sync::{Notify, oneshot, watch};

use shard::Shard;
pub use writer::LimitWriter;

/// Organisations are spread over so many, which decide at the same time.
const SHARDS: usize = 64;
/// How long a call waits for what it took to be written.
const WRITE_WAIT: Duration = Duration::from_secs(1);

/// The limits of all organisations.
pub struct Limits {
    shared: Arc<Shared>,
    /// Ends the writer when it is dropped.
    _alive: oneshot::Sender<()>,
}

/// What calls and the writer share.
#[derive(Default)]
struct Shared {
    shards: Shards,
    /// Tells the writer that there is something to write.
    changed: Notify,
    /// The last round of writing that has ended.
    written: watch::Sender<u64>,
}

impl Limits {
    /// Returns the limits as they stand in `store` at the time of `clock`, and their writer, which has to be
    /// run.
    ///
    /// # Errors
    /// Fails when the store can't be read.
    pub async fn load(
        store: Arc<dyn CounterStore>,
        clock: Arc<dyn Clock>,
    ) -> Result<(Self, LimitWriter), StoreError> {
        let shared = Arc::new(Shared::default());
        for stored in store.load_limits(clock.now()).await? {
            let Some(meter) = restore(&stored.state) else {
                tracing::warn!(limit = stored.key, "where a limit stands can't be read: it begins anew");
                continue;
            };
            let shard = shared.shard(stored.organization_id);
            shard.lock().put(stored.organization_id, stored.key.into(), meter);
        }
        let (alive, ended) = oneshot::channel();
        let writer = LimitWriter::new(Arc::clone(&shared), store, clock, ended);
        Ok((Self { shared, _alive: alive }, writer))
    }

    /// Decides in memory, and waits for nothing: what is granted counts from now on, and until it is settled.
    ///
    /// Of an organisation with a hundred thousand segments in use, further ones are not limited.
    pub fn decide(&self, organization_id: OrganizationId, claims: &[Claim], now: Timestamp) -> Decision {
        self.decide_in_round(organization_id, claims, now).0
    }

    /// Decides, and returns the round that will write it down.
    fn decide_in_round(
        &self,
        organization_id: OrganizationId,
        claims: &[Claim],
        now: Timestamp,
    ) -> (Decision, u64) {
        let mut shard = self.shared.shard(organization_id).lock();
        let decision = shard.decide(organization_id, claims, now);
        let round = shard.next_round();
        drop(shard);
        if matches!(&decision, Decision::Granted { reservation, .. } if !reservation.parts.is_empty()) {
            self.shared.changed.notify_one();
        }
        (decision, round)
    }

    async fn reserve_and_write(
        &self,
        organization_id: OrganizationId,
        claims: Vec<Claim>,
        now: Timestamp,
    ) -> Result<Decision, StoreError> {
        let (decision, round) = self.decide_in_round(organization_id, &claims, now);
        let Decision::Granted { reservation, standings } = decision else { return Ok(decision) };
        if reservation.parts.is_empty() {
            return Ok(Decision::Granted { reservation, standings });
        }
        let mut undelivered = Undelivered { limits: self, reservation: Some(reservation), now };
        let mut written = self.shared.written.subscribe();
        let in_time = tokio::time::timeout(WRITE_WAIT, written.wait_for(|last| *last >= round)).await;
        if !matches!(in_time, Ok(Ok(_))) {
            tracing::warn!("what a call took of its limits is in memory only");
        }
        let reservation = undelivered.reservation.take();
        let reservation = reservation.unwrap_or_else(|| Reservation::none(organization_id));
        Ok(Decision::Granted { reservation, standings })
    }
}

impl LimitStore for Limits {
    fn reserve(
        &self,
        organization_id: OrganizationId,
        claims: Vec<Claim>,
        now: Timestamp,
    ) -> StoreFuture<'_, Decision> {
        Box::pin(self.reserve_and_write(organization_id, claims, now))
    }

    fn settle(&self, reservation: Reservation, outcome: Outcome, now: Timestamp) {
        self.shared.shard(reservation.organization_id).lock().settle(&reservation, outcome, now);
        self.shared.changed.notify_one();
    }
}

/// All organisations, each in one of the shards.
struct Shards {
    first: Mutex<Shard>,
    others: Vec<Mutex<Shard>>,
}

impl Default for Shards {
    fn default() -> Self {
        Self { first: Mutex::default(), others: (1..SHARDS).map(|_| Mutex::default()).collect() }
    }
}

impl Shards {
    fn all(&self) -> impl Iterator<Item = &Mutex<Shard>> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

impl Shared {
    /// Returns where the limits of an organisation are.
    fn shard(&self, organization_id: OrganizationId) -> &Mutex<Shard> {
        let mut hasher = DefaultHasher::new();
        organization_id.hash(&mut hasher);
        let number = usize::try_from(hasher.finish() % SHARDS as u64).unwrap_or(0);
        self.shards.others.get(number).unwrap_or(&self.shards.first)
    }
}

/// A reservation that its call does not have yet: given back if the call goes away before it has.
struct Undelivered<'a> {
    limits: &'a Limits,
    reservation: Option<Reservation>,
    now: Timestamp,
}

impl Drop for Undelivered<'_> {
    fn drop(&mut self) {
        if let Some(reservation) = self.reservation.take() {
            self.limits.settle(reservation, Outcome::Unsent, self.now);
        }
    }
}

#[cfg(test)]
mod tests;
