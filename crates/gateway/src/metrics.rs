//! What is counted on the hot path: plain atomics, written out as Prometheus text when asked.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use gatehouse_types::{ExchangeMeta, Outcome};
use parking_lot::RwLock;

use crate::guards::GuardCounts;

/// Upper bounds of the latency buckets, in microseconds: from a cache's answer to a long chain of thought.
const BUCKETS_US: [u64; 16] = [
    1_000,
    5_000,
    10_000,
    25_000,
    50_000,
    100_000,
    250_000,
    500_000,
    1_000_000,
    2_500_000,
    5_000_000,
    10_000_000,
    30_000_000,
    60_000_000,
    180_000_000,
    600_000_000,
];
/// How statuses are told apart, in the order of [`status_class`].
const STATUS_CLASSES: [&str; 6] = ["none", "1xx", "2xx", "3xx", "4xx", "5xx"];
const CLASSES: usize = STATUS_CLASSES.len();
/// The label of providers that the table doesn't know: labels must be few.
const OTHER: &str = "other";

/// The gateway's counters.
#[derive(Debug, Default)]
pub struct Metrics {
    by_provider: RwLock<BTreeMap<Arc<str>, Arc<Calls>>>,
    duration: Histogram,
    first_token: Histogram,
    first_byte: Histogram,
    in_flight: AtomicU64,
    dropped_records: AtomicU64,
    connections: AtomicU64,
    guards: GuardCounts,
}

/// Counts of one provider by outcome and status class.
#[derive(Debug, Default)]
struct Calls([[AtomicU64; CLASSES]; Outcome::ALL.len()]);

#[derive(Debug, Default)]
struct Histogram {
    buckets: [AtomicU64; BUCKETS_US.len()],
    count: AtomicU64,
    sum_us: AtomicU64,
}

impl Histogram {
    fn observe(&self, micros: u64) {
        let bucket = BUCKETS_US.iter().zip(&self.buckets).find(|(bound, _)| micros <= **bound);
        if let Some((_, count)) = bucket {
            count.fetch_add(1, Ordering::Relaxed);
        }
        self.count.fetch_add(1, Ordering::Relaxed);
        self.sum_us.fetch_add(micros, Ordering::Relaxed);
    }

    fn render(&self, out: &mut String, name: &str, help: &str) {
        line(out, format_args!("# HELP {name} {help}"));
        line(out, format_args!("# TYPE {name} histogram"));
        let mut below = 0;
        for (bound, count) in BUCKETS_US.iter().zip(&self.buckets) {
            below += count.load(Ordering::Relaxed);
            line(out, format_args!("{name}_bucket{{le=\"{}\"}} {below}", Seconds(*bound)));
        }
        let count = self.count.load(Ordering::Relaxed).max(below);
        line(out, format_args!("{name}_bucket{{le=\"+Inf\"}} {count}"));
        line(out, format_args!("{name}_sum {}", Seconds(self.sum_us.load(Ordering::Relaxed))));
        line(out, format_args!("{name}_count {count}"));
    }
}

/// Microseconds, written as seconds.
struct Seconds(u64);

impl std::fmt::Display for Seconds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{:06}", self.0 / 1_000_000, self.0 % 1_000_000)
    }
}

impl Metrics {
    pub(crate) fn call_began(&self) {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a call; `provider` is the name of a known one.
    pub(crate) fn call_ended(&self, provider: Option<&Arc<str>>, meta: &ExchangeMeta) {
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
        let counts = self.calls_of(provider);
        let by_outcome = counts.0.get(meta.outcome as usize);
        if let Some(count) = by_outcome.and_then(|classes| classes.get(status_class(meta.status))) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        self.guards.count(&meta.guards);
        self.duration.observe(meta.timing.total_us);
        meta.timing.first_byte_us.inspect(|micros| self.first_byte.observe(*micros));
        meta.timing.first_token_us.inspect(|micros| self.first_token.observe(*micros));
    }

    /// Counts a record that could not be kept and returns how many there are now.
    pub(crate) fn record_dropped(&self) -> u64 {
        self.dropped_records.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(crate) fn connection_opened(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn connection_closed(&self) {
        self.connections.fetch_sub(1, Ordering::Relaxed);
    }

    fn calls_of(&self, provider: Option<&Arc<str>>) -> Arc<Calls> {
        if let Some(calls) = self.by_provider.read().get(provider.map_or(OTHER, AsRef::as_ref)) {
            return Arc::clone(calls);
        }
        let name = provider.map_or_else(|| OTHER.into(), Arc::clone);
        Arc::clone(self.by_provider.write().entry(name).or_default())
    }

    /// Appends every counter to `out` in the Prometheus text format.
    pub fn render(&self, out: &mut String) {
        let requests = "gatehouse_gateway_requests_total";
        line(out, format_args!("# HELP {requests} Calls that have ended."));
        line(out, format_args!("# TYPE {requests} counter"));
        for (provider, calls) in self.by_provider.read().iter() {
            render_calls(out, requests, provider, calls);
        }
        self.duration.render(out, "gatehouse_gateway_request_duration_seconds", "Whole duration of a call.");
        self.first_byte.render(
            out,
            "gatehouse_gateway_time_to_first_byte_seconds",
            "Time to the head of the provider's answer.",
        );
        self.first_token.render(
            out,
            "gatehouse_gateway_time_to_first_token_seconds",
            "Time to the first part of a stream.",
        );
        let in_flight = self.in_flight.load(Ordering::Relaxed);
        gauge(out, "gatehouse_gateway_requests_in_flight", "Calls that have not ended.", in_flight);
        let connections = self.connections.load(Ordering::Relaxed);
        gauge(out, "gatehouse_gateway_connections", "Open client connections.", connections);
        let dropped = "gatehouse_records_dropped_total";
        line(out, format_args!("# HELP {dropped} Calls whose record could not be kept."));
        line(out, format_args!("# TYPE {dropped} counter"));
        line(out, format_args!("{dropped} {}", self.dropped_records.load(Ordering::Relaxed)));
        self.guards.render(out);
    }
}

fn render_calls(out: &mut String, name: &str, provider: &str, calls: &Calls) {
    for (outcome, classes) in Outcome::ALL.iter().zip(&calls.0) {
        for (class, count) in STATUS_CLASSES.iter().zip(classes) {
            let count = count.load(Ordering::Relaxed);
            if count > 0 {
                let outcome = outcome.as_str();
                line(
                    out,
                    format_args!(
                        "{name}{{provider=\"{provider}\",outcome=\"{outcome}\",status=\"{class}\"}} {count}"
                    ),
                );
            }
        }
    }
}

fn gauge(out: &mut String, name: &str, help: &str, value: u64) {
    line(out, format_args!("# HELP {name} {help}"));
    line(out, format_args!("# TYPE {name} gauge"));
    line(out, format_args!("{name} {value}"));
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string can't fail.
    if out.write_fmt(text).is_ok() {
        out.push('\n');
    }
}

/// Returns the index into [`STATUS_CLASSES`]; synthetic statuses have none.
fn status_class(status: i32) -> usize {
    match status {
        100..=199 => 1,
        200..=299 => 2,
        300..=399 => 3,
        400..=499 => 4,
        500..=599 => 5,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_cumulative() {
        let histogram = Histogram::default();
        for micros in [500, 1_000, 2_000, 999_000_000] {
            histogram.observe(micros);
        }
        let mut text = String::new();
        histogram.render(&mut text, "x", "y");
        assert!(text.contains("x_bucket{le=\"0.001000\"} 2\n"), "{text}");
        assert!(text.contains("x_bucket{le=\"600.000000\"} 3\n"), "{text}");
        assert!(text.contains("x_bucket{le=\"+Inf\"} 4\nx_sum 999.003500\nx_count 4\n"), "{text}");
    }
}
