//! `/metrics`: Prometheus text, gathered from whoever has numbers.
//!
//! Each part of the process hands in a [`MetricsSource`], a closure that appends its families to the text;
//! [`Exposition`] writes them in the format's own syntax. Nothing is registered and nothing is kept here
//! but the API's own counts.

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use parking_lot::Mutex;

use crate::auth::Overseer;
use crate::state::ApiState;

/// Appends families in Prometheus text format.
pub type MetricsSource = Arc<dyn Fn(&mut String) + Send + Sync>;

/// The names and values that tell the samples of a family apart.
pub type Labels<'a> = &'a [(&'a str, &'a str)];

/// What a family counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// Only ever grows while the process lives; its name ends in `_total`.
    Counter,
    /// Goes up and down.
    Gauge,
    /// How often values fell into ranges.
    Histogram,
}

impl MetricKind {
    /// Returns the word of the format.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// The observations of one histogram sample.
#[derive(Clone, Copy, Debug)]
pub struct Observations<'a> {
    /// The upper bounds of the ranges, ascending.
    pub bounds: &'a [f64],
    /// How many values fell into each range (not cumulative); one more than `bounds`, the last is what
    /// was above them all.
    pub counts: &'a [u64],
    /// The sum of all values.
    pub sum: f64,
}

/// Writes families and their samples into a text.
pub struct Exposition<'a> {
    text: &'a mut String,
}

impl<'a> Exposition<'a> {
    /// Appends to `text`.
    pub const fn new(text: &'a mut String) -> Self {
        Self { text }
    }

    /// Begins a family; its samples follow.
    pub fn family<'b>(&'b mut self, name: &'b str, kind: MetricKind, help: &str) -> Family<'b> {
        let help = help.replace('\\', "\\\\").replace('\n', "\\n");
        self.push(format_args!("# HELP {name} {help}\n# TYPE {name} {}\n", kind.as_str()));
        Family { text: self.text, name }
    }

    /// Writes a counter that has one sample.
    pub fn counter(&mut self, name: &str, help: &str, value: u64) {
        self.family(name, MetricKind::Counter, help).sample(&[], value);
    }

    /// Writes a gauge that has one sample.
    pub fn gauge(&mut self, name: &str, help: &str, value: f64) {
        self.family(name, MetricKind::Gauge, help).sample(&[], value);
    }

    fn push(&mut self, arguments: fmt::Arguments<'_>) {
        append(self.text, arguments);
    }
}

/// A family whose samples are being written.
pub struct Family<'a> {
    text: &'a mut String,
    name: &'a str,
}

impl Family<'_> {
    /// Writes one sample.
    pub fn sample(&mut self, labels: Labels<'_>, value: impl fmt::Display) -> &mut Self {
        self.line("", labels, value);
        self
    }

    /// Writes the samples of one histogram.
    pub fn observations(&mut self, labels: Labels<'_>, observed: Observations<'_>) -> &mut Self {
        let mut cumulative = 0_u64;
        let bounds = observed.bounds.iter().map(f64::to_string).chain(["+Inf".to_owned()]);
        for (bound, count) in bounds.zip(observed.counts) {
            cumulative = cumulative.saturating_add(*count);
            let labels: Vec<_> = labels.iter().copied().chain([("le", bound.as_str())]).collect();
            self.line("_bucket", &labels, cumulative);
        }
        self.line("_sum", labels, observed.sum);
        self.line("_count", labels, cumulative);
        self
    }

    fn line(&mut self, suffix: &str, labels: Labels<'_>, value: impl fmt::Display) {
        append(self.text, format_args!("{}{suffix}", self.name));
        for (position, (name, value)) in labels.iter().enumerate() {
            let separator = if position == 0 { '{' } else { ',' };
            let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            append(self.text, format_args!("{separator}{name}=\"{value}\""));
        }
        let close = if labels.is_empty() { "" } else { "}" };
        append(self.text, format_args!("{close} {value}\n"));
    }
}

/// The API's own counts: answers by route and class of status.
#[derive(Default)]
pub(crate) struct ApiMetrics {
    answers: Mutex<BTreeMap<(String, &'static str), u64>>,
    /// Spans that are calls of models.
    call_spans: AtomicU64,
    /// Spans that are something else.
    other_spans: AtomicU64,
}

impl ApiMetrics {
    /// Counts one answer; `route` is a route's pattern, so that there are few of them.
    pub(crate) fn count(&self, route: &str, status: StatusCode) {
        let class = match status.as_u16() {
            200..300 => "2xx",
            300..400 => "3xx",
            400..500 => "4xx",
            _ => "5xx",
        };
        *self.answers.lock().entry((route.to_owned(), class)).or_default() += 1;
    }

    /// Counts the spans of a trace that was taken: those that became calls, and the others.
    pub(crate) fn count_spans(&self, calls: usize, others: usize) {
        self.call_spans.fetch_add(calls as u64, Ordering::Relaxed);
        self.other_spans.fetch_add(others as u64, Ordering::Relaxed);
    }

    fn write(&self, text: &mut String) {
        let mut exposition = Exposition::new(text);
        exposition
            .family("gatehouse_build_info", MetricKind::Gauge, "The running version; always 1.")
            .sample(&[("version", env!("CARGO_PKG_VERSION"))], 1);
        let help = "Answers of the API listener.";
        let mut family = exposition.family("gatehouse_api_requests_total", MetricKind::Counter, help);
        for ((route, class), count) in self.answers.lock().iter() {
            family.sample(&[("route", route), ("status_class", class)], count);
        }
        let help = "Spans that were sent to be logged.";
        exposition
            .family("gatehouse_trace_spans_total", MetricKind::Counter, help)
            .sample(&[("kind", "call")], self.call_spans.load(Ordering::Relaxed))
            .sample(&[("kind", "other")], self.other_spans.load(Ordering::Relaxed));
    }
}

/// Returns every metric of the process.
#[utoipa::path(
    get, path = "/metrics", tag = "Operations",
    responses(
        (status = 200, description = "Prometheus text format", body = String, content_type = "text/plain"),
        (status = 401, description = "No or an unknown key", body = crate::error::ErrorEnvelope),
        (status = 403, description = "The key may not read, or is not an administrator's", body = crate::error::ErrorEnvelope),
    )
)]
pub(crate) async fn metrics(_overseer: Overseer, State(state): State<ApiState>) -> impl IntoResponse {
    let mut text = String::with_capacity(8 * 1024);
    state.metrics.write(&mut text);
    state.sources.iter().for_each(|source| source(&mut text));
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text)
}

/// Appends formatted text.
fn append(text: &mut String, arguments: fmt::Arguments<'_>) {
    // Writing to a `String` has no way to fail.
    text.write_fmt(arguments).unwrap_or_default();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_families_in_the_text_format() {
        let mut text = String::new();
        let mut exposition = Exposition::new(&mut text);
        exposition.counter("calls_total", "Calls.", 3);
        exposition.gauge("lag_seconds", "Lag\nhere.", 0.5);
        exposition
            .family("size_bytes", MetricKind::Gauge, "Sizes.")
            .sample(&[("name", "a\"b\\c\nd"), ("kind", "x")], 7);
        assert_eq!(
            text,
            "# HELP calls_total Calls.\n# TYPE calls_total counter\ncalls_total 3\n\
             # HELP lag_seconds Lag\\nhere.\n# TYPE lag_seconds gauge\nlag_seconds 0.5\n\
             # HELP size_bytes Sizes.\n# TYPE size_bytes gauge\nsize_bytes{name=\"a\\\"b\\\\c\\nd\",kind=\"x\"} 7\n"
        );
    }

    #[test]
    fn accumulates_the_ranges_of_a_histogram() {
        let mut text = String::new();
        let observed = Observations { bounds: &[0.1, 1.0], counts: &[2, 0, 3], sum: 9.25 };
        Exposition::new(&mut text)
            .family("took_seconds", MetricKind::Histogram, "Took.")
            .observations(&[("provider", "OPENAI")], observed);
        assert_eq!(
            text,
            "# HELP took_seconds Took.\n# TYPE took_seconds histogram\n\
             took_seconds_bucket{provider=\"OPENAI\",le=\"0.1\"} 2\n\
             took_seconds_bucket{provider=\"OPENAI\",le=\"1\"} 2\n\
             took_seconds_bucket{provider=\"OPENAI\",le=\"+Inf\"} 5\n\
             took_seconds_sum{provider=\"OPENAI\"} 9.25\ntook_seconds_count{provider=\"OPENAI\"} 5\n"
        );
    }
}
