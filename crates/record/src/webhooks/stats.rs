//! The figures of webhooks, for metrics.

use std::sync::atomic::{AtomicU64, Ordering};

/// What becomes of deliveries; shared with whoever shows it.
#[derive(Debug, Default)]
pub struct WebhookStats {
    pub(crate) delivered: AtomicU64,
    pub(crate) retried: AtomicU64,
    pub(crate) dead: AtomicU64,
    pub(crate) withdrawn: AtomicU64,
    pub(crate) lost: AtomicU64,
    pub(crate) waiting: AtomicU64,
    pub(crate) journal_errors: AtomicU64,
}

/// The figures of one moment; all but `waiting` count since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WebhookFigures {
    /// Deliveries that a receiver took.
    pub delivered: u64,
    /// Attempts that failed and are made again.
    pub retried: u64,
    /// Deliveries that were given up and are among the dead letters.
    pub dead: u64,
    /// Deliveries whose webhook was removed or switched off before they were made.
    pub withdrawn: u64,
    /// Deliveries that were given up and that the control store did not take either.
    pub lost: u64,
    /// Deliveries that are under way now: they wait for their turn, or to be tried again.
    pub waiting: u64,
    /// Operations of the journal that failed; each was or is tried again.
    pub journal_errors: u64,
}

impl WebhookStats {
    /// Returns the figures of this moment.
    pub fn figures(&self) -> WebhookFigures {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        WebhookFigures {
            delivered: read(&self.delivered),
            retried: read(&self.retried),
            dead: read(&self.dead),
            withdrawn: read(&self.withdrawn),
            lost: read(&self.lost),
            waiting: read(&self.waiting),
            journal_errors: read(&self.journal_errors),
        }
    }

    pub(crate) fn count(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn uncount(counter: &AtomicU64) {
        counter.fetch_sub(1, Ordering::Relaxed);
    }
}
