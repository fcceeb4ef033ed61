//! What is counted of the cache.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts since the start.
#[derive(Debug, Default)]
pub(super) struct Counts {
    hits: AtomicU64,
    misses: AtomicU64,
    shared: AtomicU64,
    kept: AtomicU64,
    failed: AtomicU64,
}

/// Something that happened.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event {
    /// A call was answered from the cache.
    Hit,
    /// A call was made that asked the cache first.
    Miss,
    /// A call waited for another one in place of being made at once.
    Shared,
    /// An answer was kept.
    Kept,
    /// The store could not be asked, was too slow, or returned what is no entry.
    Failed,
}

impl Counts {
    pub(super) fn add(&self, event: Event) {
        let count = match event {
            Event::Hit => &self.hits,
            Event::Miss => &self.misses,
            Event::Shared => &self.shared,
            Event::Kept => &self.kept,
            Event::Failed => &self.failed,
        };
        count.fetch_add(1, Ordering::Relaxed);
    }

    /// Appends the counts as Prometheus text.
    pub(super) fn render(&self, out: &mut String) {
        for (name, help, count) in [
            ("gatehouse_cache_hits_total", "Calls answered from the cache.", &self.hits),
            ("gatehouse_cache_misses_total", "Calls made that asked the cache first.", &self.misses),
            (
                "gatehouse_cache_shared_total",
                "Calls that waited for the answer to another one.",
                &self.shared,
            ),
            ("gatehouse_cache_kept_total", "Answers kept.", &self.kept),
            (
                "gatehouse_cache_failures_total",
                "Entries that could not be read, written or opened.",
                &self.failed,
            ),
        ] {
            let count = count.load(Ordering::Relaxed);
            // Writing to a string does not fail.
            let _written = writeln!(out, "# HELP {name} {help}\n# TYPE {name} counter\n{name} {count}");
        }
    }
}
