//! Records of calls that did not go through the gateway, on their way into the journal.

use std::fmt::Write as _;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use gatehouse_journal::{AppendError, Journal};
use gatehouse_store::intake::Intake;
use gatehouse_store::{StoreError, StoreFuture};
use gatehouse_types::Exchange;
use gatehouse_types::exchange::Source;

/// What the store's errors call the journal.
const STORE: &str = "journal";
const SOURCES: usize = Source::ALL.len();

/// Gives records that others made to the journal, once it is open.
#[derive(Default)]
pub struct JournalIntake {
    journal: OnceLock<Journal>,
    /// By the place of the source in [`Source::ALL`].
    taken: [AtomicU64; SOURCES],
    refused: [AtomicU64; SOURCES],
}

impl JournalIntake {
    /// Says where records go from now on; only the first journal counts.
    pub fn open(&self, journal: Journal) {
        self.journal.get_or_init(|| journal);
    }

    /// Appends the counters to `out` in the Prometheus text format.
    pub fn render(&self, out: &mut String) {
        render(
            out,
            "gatehouse_intake_records_total",
            "Records of calls that others made, kept.",
            &self.taken,
        );
        render(
            out,
            "gatehouse_intake_refused_total",
            "Records of calls that others made, refused.",
            &self.refused,
        );
    }

    /// Puts a record into the journal's queue and waits until it is on disk.
    async fn keep(&self, exchange: Exchange) -> Result<(), StoreError> {
        let journal = self.journal.get().ok_or_else(|| unavailable("it is not open yet"))?;
        // What is queued while the disk takes nothing would be waited for in vain.
        if !journal.has_room() {
            return Err(unavailable("it has no room"));
        }
        let parts = exchange.encode().map_err(|error| failed("write a record", error))?;
        let ack = journal.append(parts).map_err(|error| match error {
            AppendError::TooLarge { .. } => failed("take a record", error),
            _ => unavailable(&error.to_string()),
        })?;
        ack.durable().await.map_err(|error| unavailable(&error.to_string()))
    }
}

impl Intake for JournalIntake {
    fn take(&self, exchange: Exchange) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            let source = exchange.meta.source;
            let kept = self.keep(exchange).await;
            let counts = if kept.is_ok() { &self.taken } else { &self.refused };
            if let Some(count) = counts.get(source as usize) {
                count.fetch_add(1, Ordering::Relaxed);
            }
            kept
        })
    }
}

fn unavailable(reason: &str) -> StoreError {
    StoreError::Unavailable { store: STORE, reason: reason.to_owned() }
}

fn failed(
    operation: &'static str,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> StoreError {
    StoreError::Failed { store: STORE, operation, source: source.into() }
}

fn render(out: &mut String, name: &str, help: &str, counts: &[AtomicU64; SOURCES]) {
    // Writing to a string can't fail.
    let mut line = |text: std::fmt::Arguments<'_>| out.write_fmt(text).is_ok();
    line(format_args!("# HELP {name} {help}\n# TYPE {name} counter\n"));
    for (source, count) in Source::ALL.iter().zip(counts).filter(|(source, _)| **source != Source::Gateway) {
        let count = count.load(Ordering::Relaxed);
        line(format_args!("{name}{{source=\"{}\"}} {count}\n", source.as_str()));
    }
}

#[cfg(test)]
mod tests;
