//! What the journal and its reader say at `/metrics`; the other parts print their own.

use gatehouse_api::Exposition;
use gatehouse_api::metrics::MetricKind;
use gatehouse_journal::Journal;
use gatehouse_record::{RecordStats, WebhookStats};

/// Appends the journal's figures.
pub(crate) fn journal(journal: &Journal, text: &mut String) {
    let stats = journal.stats();
    let mut out = Exposition::new(text);
    out.gauge("gatehouse_journal_bytes", "Bytes of the journal on disk.", stats.bytes_on_disk as f64);
    out.gauge("gatehouse_journal_segments", "Segment files of the journal.", stats.segments as f64);
    out.gauge("gatehouse_journal_queued_bytes", "Bytes that wait to be synced.", stats.queued_bytes as f64);
    out.gauge(
        "gatehouse_journal_queued_records",
        "Records that wait to be synced.",
        stats.queued_records as f64,
    );
    out.gauge(
        "gatehouse_journal_healthy",
        "1 while the disk takes records.",
        f64::from(u8::from(stats.healthy)),
    );
    let lag = stats.readers.iter().map(|reader| reader.lag_bytes).max().unwrap_or_default();
    out.gauge("gatehouse_journal_lag_bytes", "Bytes that the slowest reader has not stored yet.", lag as f64);
    out.counter("gatehouse_journal_records_total", "Records taken.", stats.appended_records);
    out.counter("gatehouse_journal_bytes_total", "Bytes of records taken.", stats.appended_bytes);
    out.counter(
        "gatehouse_journal_records_refused_total",
        "Records refused for lack of space.",
        stats.dropped_records,
    );
    out.counter("gatehouse_journal_write_errors_total", "Failed operations of the disk.", stats.write_errors);
    out.counter(
        "gatehouse_journal_corrupt_bytes_total",
        "Damaged bytes that readers skipped.",
        stats.corrupt_bytes,
    );
}

/// Appends the recorder's figures: how far the log store is behind the journal.
pub(crate) fn recorder(journal: &Journal, recorder: &RecordStats, text: &mut String) {
    let figures = recorder.figures();
    let lag = journal.stats().end.as_u64().saturating_sub(figures.stored_position);
    let mut out = Exposition::new(text);
    out.gauge("gatehouse_store_lag_bytes", "Bytes of the journal that the log store lacks.", lag as f64);
    out.gauge("gatehouse_store_failing", "Failed attempts since the last success.", figures.failing as f64);
    out.counter("gatehouse_store_rows_total", "Rows that the log store confirmed.", figures.rows_stored);
    out.counter("gatehouse_store_batches_total", "Batches that the log store confirmed.", figures.batches);
    out.counter("gatehouse_store_errors_total", "Failed operations of the log store.", figures.store_errors);
    let rejected = figures.rejected_rows + figures.undecodable_records;
    out.counter("gatehouse_store_rejected_total", "Records set aside as files in `rejected`.", rejected);
}

/// Appends what became of deliveries to webhooks.
pub(crate) fn webhooks(stats: &WebhookStats, text: &mut String) {
    let figures = stats.figures();
    let mut out = Exposition::new(text);
    let help =
        "Deliveries to webhooks by what became of them; `retried` counts attempts that are made again.";
    let mut deliveries = out.family("gatehouse_webhook_deliveries_total", MetricKind::Counter, help);
    let outcomes = [
        ("delivered", figures.delivered),
        ("retried", figures.retried),
        ("dead", figures.dead),
        ("withdrawn", figures.withdrawn),
        ("lost", figures.lost),
    ];
    for (outcome, count) in outcomes {
        deliveries.sample(&[("outcome", outcome)], count);
    }
    let help = "Deliveries to webhooks that are under way.";
    out.gauge("gatehouse_webhook_deliveries_waiting", help, figures.waiting as f64);
    let help = "Operations of the journal that failed for webhooks.";
    out.counter("gatehouse_webhook_journal_errors_total", help, figures.journal_errors);
}
