//! Writes down where limits stand, in rounds: each has all that changed before it began.

use std::sync::Arc;
use std::time::Duration;

use gatehouse_store::counters::{CounterStore, LimitState};
use gatehouse_types::{Clock, Timestamp};
use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::Shared;
use super::shard::{Changed, Shard};

/// How many limits are written together.
const BATCH: usize = 256;
/// How long after a failure the store is tried again, if no call comes before.
const RETRY_DELAY: Duration = Duration::from_secs(1);
/// How often limits that limit nothing any more are looked for in the store.
const FORGET_EVERY: Duration = Duration::from_mins(10);

/// Writes where limits stand to the store.
pub struct LimitWriter {
    shared: Arc<Shared>,
    store: Arc<dyn CounterStore>,
    clock: Arc<dyn Clock>,
    /// Resolves when nobody decides any more.
    ended: oneshot::Receiver<()>,
    round: u64,
    forgotten_at: Timestamp,
}

impl LimitWriter {
    pub(super) fn new(
        shared: Arc<Shared>,
        store: Arc<dyn CounterStore>,
        clock: Arc<dyn Clock>,
        ended: oneshot::Receiver<()>,
    ) -> Self {
        // What is over is not loaded: there may be much of it after a long pause.
        let forgotten_at = Timestamp::from_unix_micros(0);
        Self { shared, store, clock, ended, round: 0, forgotten_at }
    }

    /// Writes what comes, for as long as there are [`Limits`](super::Limits), and what is left when they end.
    ///
    /// # Cancellation
    /// Dropping the future leaves what changed last unwritten.
    pub async fn run(mut self) {
        self.write_what_comes().await;
        self.write_round().await;
    }

    /// Writes round after round until there are no [`Limits`](super::Limits) any more.
    pub(super) async fn write_what_comes(&mut self) {
        loop {
            let is_written = self.write_round().await;
            self.forget().await;
            let patience = if is_written { FORGET_EVERY } else { RETRY_DELAY };
            tokio::select! {
                _ = &mut self.ended => return,
                () = self.shared.changed.notified() => {}
                () = tokio::time::sleep(patience) => {}
            }
        }
    }

    /// Writes all that has changed, and lets those go on that wait for it; returns whether it is written.
    ///
    /// Where the store fails nobody is kept waiting: what is in memory holds, and a later round writes it.
    pub(super) async fn write_round(&mut self) -> bool {
        self.round += 1;
        let begin = |shard: &Mutex<Shard>| shard.lock().begin_round(self.round);
        let changed: Vec<_> = self.shared.shards.all().flat_map(begin).collect();
        let mut is_written = true;
        for batch in changed.chunks(BATCH) {
            if let Err(error) = self.store.save_limits(self.states(batch)).await {
                tracing::warn!(%error, "where limits stand can't be written; tried again");
                self.write_later(batch);
                is_written = false;
            }
        }
        self.shared.written.send_replace(self.round);
        is_written
    }

    fn states(&self, batch: &[Changed]) -> Vec<LimitState> {
        let now = self.clock.now();
        let states = batch.iter().map(|changed| self.shared.shard(changed.0).lock().state(changed, now));
        states.flatten().collect()
    }

    fn write_later(&self, batch: &[Changed]) {
        for (organization_id, key) in batch {
            self.shared.shard(*organization_id).lock().note_change(*organization_id, key);
        }
    }

    /// Has the store forget what is over, now and then.
    pub(super) async fn forget(&mut self) {
        let now = self.clock.now();
        let is_early = now < self.forgotten_at.plus(FORGET_EVERY) && now >= self.forgotten_at;
        if is_early {
            return;
        }
        match self.store.forget_limits(now).await {
            Ok(()) => self.forgotten_at = now,
            Err(error) => tracing::warn!(%error, "limits that are over can't be forgotten; tried again"),
        }
    }
}
