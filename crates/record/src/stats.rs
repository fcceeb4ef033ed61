//! The recorder's figures, for metrics and health.

use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use tokio::sync::Notify;

/// The recorder's counters since the start; shared with whoever shows them.
#[derive(Debug, Default)]
pub struct RecordStats {
    pub(crate) rows_stored: AtomicU64,
    pub(crate) batches: AtomicU64,
    pub(crate) store_errors: AtomicU64,
    pub(crate) undecodable_records: AtomicU64,
    pub(crate) rejected_rows: AtomicU64,
    pub(crate) journal_errors: AtomicU64,
    pub(crate) stored_position: AtomicU64,
    pub(crate) failing: AtomicU64,
    pub(crate) last_error: Mutex<Option<String>>,
    /// Wakes whoever waits for the stored position to move.
    moved: Notify,
}

/// The figures of one moment; counts are since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordFigures {
    /// Rows that the store confirmed.
    pub rows_stored: u64,
    /// Batches that the store confirmed.
    pub batches: u64,
    /// Operations of the store that failed; each was or is tried again.
    pub store_errors: u64,
    /// Records of the journal that are not exchanges; each is a file among the rejected.
    pub undecodable_records: u64,
    /// Rows that the store refuses while it takes others; each is a file among the rejected.
    pub rejected_rows: u64,
    /// Operations of the journal that failed; each was or is tried again.
    pub journal_errors: u64,
    /// The journal position up to which everything is stored; the journal's end less this is the lag.
    pub stored_position: u64,
    /// How many attempts have failed since the last success; 0 is healthy.
    pub failing: u64,
    /// The last failure, also after a success.
    pub last_error: Option<String>,
}

impl RecordStats {
    /// Returns the figures of this moment.
    pub fn figures(&self) -> RecordFigures {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        RecordFigures {
            rows_stored: read(&self.rows_stored),
            batches: read(&self.batches),
            store_errors: read(&self.store_errors),
            undecodable_records: read(&self.undecodable_records),
            rejected_rows: read(&self.rejected_rows),
            journal_errors: read(&self.journal_errors),
            stored_position: read(&self.stored_position),
            failing: read(&self.failing),
            last_error: self.last_error.lock().clone(),
        }
    }

    pub(crate) fn add(counter: &AtomicU64, count: usize) {
        counter.fetch_add(count as u64, Ordering::Relaxed);
    }

    /// Notes a failure of the given kind.
    pub(crate) fn note_failure(&self, counter: &AtomicU64, error: &dyn std::error::Error) {
        Self::add(counter, 1);
        Self::add(&self.failing, 1);
        *self.last_error.lock() = Some(whole_text(error));
    }

    /// Notes that everything up to `position` is stored.
    pub(crate) fn note_stored(&self, position: u64) {
        self.failing.store(0, Ordering::Relaxed);
        self.stored_position.fetch_max(position, Ordering::AcqRel);
        self.moved.notify_waiters();
    }

    /// Returns once everything up to `position` is stored.
    pub(crate) async fn reached(&self, position: u64) {
        let mut moved = pin!(self.moved.notified());
        loop {
            // Listening comes first: what is stored in between is not missed.
            moved.as_mut().enable();
            if self.stored_position.load(Ordering::Acquire) >= position {
                return;
            }
            moved.as_mut().await;
            moved.set(self.moved.notified());
        }
    }
}

/// The text of an error with that of its causes.
pub(crate) fn whole_text(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
