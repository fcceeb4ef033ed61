//! From an open record to the journal.
//!
//! Most records are a matter of microseconds and closed where the call ends. Where bodies have to be read
//! first (to leave them out, or to see whether a compressed stream was whole) a blocking thread does it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gatehouse_journal::Ack;
use gatehouse_store::limits::{OpenReservation, Spending};
use gatehouse_store::pricing::price_of;
use gatehouse_types::{Body, BodyState, Exchange, ExchangeMeta, NanoUsd, Observed, Outcome, RequestId};
use gatehouse_wire::{
    AnswerScanner, ReadExchange, ScannedAnswer, ScannedRequest, TerminalWatch, ends_with_terminal, read_body,
};
use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::content::Content;
use super::{STATUS_CLIENT_GONE, STATUS_TIMED_OUT, micros};
use crate::capture::Capture;
use crate::metrics::Metrics;
use crate::scan::Scan;
use crate::upload::Progress;
use crate::worker::{Shared, Worker};

/// From here on a status says that the provider did nothing that it charges for.
const STATUS_OF_ERRORS: i32 = 400;
/// How much of a compressed stream is decoded to see whether it was whole when its client went away.
const DECODED_TO_FIND_END: usize = 1 << 20;
/// How much of a body that is left out is decoded to read its model and usage.
const DECODED_TO_OBSERVE: usize = 32 << 20;

/// What became of a record.
pub(crate) enum Kept {
    /// The caller is unknown and may be: there is none.
    NotRecorded,
    /// It is in the journal's queue.
    Queued(Ack),
    /// A blocking thread puts it there.
    Closing(JoinHandle<Kept>),
    /// The journal did not take it.
    Lost,
}

impl Kept {
    /// Waits until the record is on disk; returns whether it is, or none is due.
    pub(crate) async fn durable(self) -> bool {
        let kept = match self {
            Self::Closing(closing) => closing.await.unwrap_or(Self::Lost),
            kept => kept,
        };
        match kept {
            Self::NotRecorded => true,
            Self::Queued(ack) => ack.durable().await.is_ok(),
            Self::Closing(_) | Self::Lost => false,
        }
    }
}

/// What is known of a call so far.
pub(super) struct Open {
    pub(super) meta: ExchangeMeta,
    /// The name of a known provider.
    pub(super) provider: Option<Arc<str>>,
    pub(super) started: Instant,
    pub(super) is_recorded: bool,
    pub(super) omit_request: bool,
    pub(super) omit_response: bool,
    pub(super) upload: Option<Arc<Mutex<Progress>>>,
    pub(super) request_content: Content,
    pub(super) response: Capture,
    pub(super) response_content: Content,
    pub(super) terminal: Option<TerminalWatch>,
    /// The reading of an answer that is longer than its copy can be.
    pub(super) scan: Option<Box<Scan<AnswerScanner>>>,
    /// The status of an answer that the gateway itself gave.
    pub(super) answered_status: Option<i32>,
    /// What limits set aside for it.
    pub(super) reservation: Option<OpenReservation>,
    /// What the limits of a fallback's own proxy key set aside for it.
    pub(super) own_reservation: Option<OwnReservation>,
    /// How many attempts there were of which nobody knows whether the provider did anything.
    pub(super) untold: u32,
}

/// What the limits of a fallback's own proxy key set aside.
pub(super) struct OwnReservation {
    pub(super) reservation: OpenReservation,
    /// Whether the fallback's target was asked.
    pub(super) is_asked: bool,
}

impl Open {
    /// Copies the next bytes of the answer, and reads them where the copy can't be whole.
    pub(super) fn copy_answer(&mut self, data: &Bytes) {
        let outgrown = self.response.push(data);
        if let Some(scan) = &mut self.scan {
            scan.push(data.clone());
        } else if let Some(outgrown) = outgrown.filter(|_| self.is_recorded) {
            self.scan = Some(Box::new(Scan::after(self.answer_scanner(), outgrown, data)));
        }
    }

    /// Begins to read an answer that says itself that it is longer than its copy can be.
    pub(super) fn scan_too_long_an_answer(&mut self) {
        let is_scanned = self.is_recorded && self.response.is_outgrown();
        self.scan = is_scanned.then(|| Box::new(Scan::new(self.answer_scanner())));
    }

    fn answer_scanner(&self) -> AnswerScanner {
        let Content { content_type, encoding, .. } = &self.response_content;
        AnswerScanner::new(self.meta.dialect, content_type.as_deref(), encoding.as_deref())
    }

    /// Returns whether a body was read while it passed.
    fn is_scanned(&self) -> bool {
        self.scan.is_some() || self.upload.as_ref().is_some_and(|upload| upload.lock().scan.is_some())
    }

    /// Notes how the call ended.
    fn set_outcome(&mut self, outcome: Outcome) {
        self.meta.status = match (self.answered_status, outcome) {
            (Some(status), _) => status,
            (None, Outcome::TimedOut) => STATUS_TIMED_OUT,
            (None, Outcome::ClientGone) => STATUS_CLIENT_GONE,
            (None, _) => self.meta.status,
        };
        if outcome == Outcome::Complete {
            self.meta.error_kind = None;
        }
        self.meta.outcome = outcome;
    }

    /// Closes the record; `outcome` is how the call ended as far as that is known without reading bodies.
    pub(super) fn close(mut self: Box<Self>, worker: &Worker, outcome: Outcome) -> Kept {
        self.meta.timing.total_us = micros(self.started.elapsed());
        let is_omitted = self.is_recorded && (self.omit_request || self.omit_response);
        let must_settle = self.reservations().any(OpenReservation::is_metered);
        let must_read = is_omitted || must_settle || self.is_scanned();
        let may_be_whole = outcome != Outcome::Complete && self.is_encoded_stream();
        if !must_read && !may_be_whole {
            self.set_outcome(outcome);
            return self.write(&worker.shared);
        }
        let shared = worker.shared.clone();
        let due = Due::new(&shared.metrics);
        let read_and_write = move || {
            let outcome = if may_be_whole && self.is_whole_stream() { Outcome::Complete } else { outcome };
            self.set_outcome(outcome);
            let kept = self.write(&shared);
            due.done();
            kept
        };
        // While the runtime is shut down nothing can be given to its threads any more.
        if worker.is_aborting() || Handle::try_current().is_err() {
            return read_and_write();
        }
        Kept::Closing(worker.closing.spawn_blocking(read_and_write))
    }

    fn reservations(&self) -> impl Iterator<Item = &OpenReservation> {
        self.reservation.iter().chain(self.own_reservation.iter().map(|own| &own.reservation))
    }

    fn is_encoded_stream(&self) -> bool {
        self.response_content.is_encoded() && self.response_content.is_stream
    }

    /// Returns whether a compressed stream has its terminal event, which can't be seen while it passes.
    fn is_whole_stream(&self) -> bool {
        let Content { content_type, encoding, .. } = &self.response_content;
        self.response.kept_bytes() <= DECODED_TO_FIND_END
            && ends_with_terminal(
                self.meta.dialect,
                content_type.as_deref(),
                encoding.as_deref(),
                &self.response.copied(),
            )
    }

    fn write(self: Box<Self>, shared: &Shared) -> Kept {
        shared.metrics.call_ended(self.provider.as_ref(), &self.meta);
        if !self.is_recorded {
            // No limit holds for a caller who is not known: there is nothing to settle, and nothing to read.
            return Kept::NotRecorded;
        }
        let request_id = self.meta.request_id;
        let parts = match self.into_exchange(shared).encode() {
            Ok(parts) => parts,
            Err(error) => return lost(shared, request_id, &error),
        };
        match shared.journal.append(parts) {
            Ok(ack) => Kept::Queued(ack),
            Err(error) => lost(shared, request_id, &error),
        }
    }

    fn into_exchange(mut self, shared: &Shared) -> Exchange {
        // What was set aside for a provider that was not asked is given back as it is dropped.
        let own = self.own_reservation.take().filter(|own| own.is_asked).map(|own| own.reservation);
        let reservation = self.reservation.take().filter(|_| self.meta.attempts > 0);
        let reservations: Vec<OpenReservation> = reservation.into_iter().chain(own).collect();
        let is_untold = self.untold > 0;
        let (mut request_scan, mut has_whole_request) = (None, false);
        let request = self.upload.take().map_or_else(Body::default, |upload| {
            let mut upload = upload.lock();
            has_whole_request = upload.has_ended;
            request_scan = upload.scan.take();
            upload.capture.take().into_body(has_whole_request)
        });
        let is_whole = self.meta.outcome.is_whole();
        let answer_scan = self.scan.take();
        let mut exchange = Exchange {
            meta: self.meta,
            request: self.request_content.describe(request),
            response: self.response_content.describe(self.response.into_body(is_whole)),
        };
        if request_scan.is_some() || answer_scan.is_some() {
            let read = |exchange: &Exchange| {
                let request = request_scan.and_then(|scan| Some(scan.finish()?.finish(has_whole_request)));
                let answer = answer_scan.and_then(|scan| Some(scan.finish()?.finish(is_whole)));
                observe(exchange, request, answer)
            };
            exchange.meta.observed = Some(carefully(&exchange, read));
        }
        if !reservations.is_empty() {
            settle(&mut exchange, reservations, is_untold, shared);
        }
        if self.omit_request || self.omit_response {
            omit(&mut exchange, self.omit_request, self.omit_response);
        }
        exchange
    }
}

/// Counts a record that can't be kept; every power of two is logged, since they come by the thousand.
fn lost(shared: &Shared, request_id: RequestId, error: &dyn std::error::Error) -> Kept {
    let count = shared.metrics.record_dropped();
    if count.is_power_of_two() {
        tracing::error!(%request_id, %error, count, "calls can't be recorded");
    }
    Kept::Lost
}

/// Settles what limits set aside with what the call used.
fn settle(exchange: &mut Exchange, reservations: Vec<OpenReservation>, is_untold: bool, shared: &Shared) {
    let is_metered = reservations.iter().any(OpenReservation::is_metered);
    let spent = if is_metered { spending(exchange, is_untold, shared) } else { Spending::default() };
    reservations.into_iter().for_each(|reservation| reservation.settle(spent));
}

/// Returns what a call used. A provider that says it refused or failed used nothing; what one used that was
/// asked and said nothing, nobody knows.
fn spending(exchange: &mut Exchange, is_untold: bool, shared: &Shared) -> Spending {
    let has_answer = exchange.meta.timing.first_byte_us.is_some();
    if exchange.meta.status >= STATUS_OF_ERRORS || !has_answer {
        let nothing = Spending { cost: Some(NanoUsd::new(0)), tokens: Some(0) };
        return if is_untold { Spending::default() } else { nothing };
    }
    let read = std::mem::take(observed(exchange));
    let tokens = read.usage.as_ref().and_then(gatehouse_types::Usage::total_tokens);
    let view = shared.view.load();
    let overrides = view.prices.of(exchange.meta.organization_id);
    let price = |exchange: &Exchange| price_of(&shared.catalog, overrides, &exchange.meta, &read).cost;
    let mut cost = price(exchange);
    // The model that the caller names in a header is for the log: it makes no call cheaper than its limits say.
    if let Some(named) = exchange.meta.model_override.take() {
        cost = cost.max(price(exchange));
        exchange.meta.model_override = Some(named);
    }
    exchange.meta.observed = Some(read);
    Spending { cost, tokens }
}

/// Reads the bodies, once.
fn observed(exchange: &mut Exchange) -> &mut Observed {
    if exchange.meta.observed.is_none() {
        exchange.meta.observed = Some(carefully(exchange, |exchange| observe(exchange, None, None)));
    }
    exchange.meta.observed.get_or_insert_default()
}

/// Reads bodies; what can't be read must not keep a call out of the log.
fn carefully(exchange: &Exchange, read: impl FnOnce(&Exchange) -> Observed) -> Observed {
    catch_unwind(AssertUnwindSafe(|| read(exchange))).unwrap_or_else(|_| {
        tracing::error!(request_id = %exchange.meta.request_id, "reading the bodies of a call panicked");
        Observed::default()
    })
}

/// Drops bodies that must not be kept, after reading from them what the row needs.
fn omit(exchange: &mut Exchange, request: bool, response: bool) {
    let mut observed = std::mem::take(observed(exchange));
    if request {
        observed.request_preview = None;
        drop_bytes(&mut exchange.request);
    }
    if response {
        observed.response_preview = None;
        drop_bytes(&mut exchange.response);
    }
    exchange.meta.observed = Some(observed);
}

fn observe(
    exchange: &Exchange,
    scanned_request: Option<ScannedRequest>,
    scanned_answer: Option<ScannedAnswer>,
) -> Observed {
    let request = read_body(&exchange.request, DECODED_TO_OBSERVE);
    let response = read_body(&exchange.response, DECODED_TO_OBSERVE);
    let read =
        ReadExchange { request: (&exchange.request, &request), response: (&exchange.response, &response) };
    read.observe_scanned(&exchange.meta, scanned_request, scanned_answer)
}

fn drop_bytes(body: &mut Body) {
    body.segments.clear();
    if body.state != BodyState::Empty {
        body.state = BodyState::Omitted;
    }
}

/// A record that a blocking thread was asked to close: counted as dropped if it never comes to that.
struct Due(Option<Arc<Metrics>>);

impl Due {
    fn new(metrics: &Arc<Metrics>) -> Self {
        Self(Some(Arc::clone(metrics)))
    }

    fn done(mut self) {
        self.0 = None;
    }
}

impl Drop for Due {
    fn drop(&mut self) {
        if let Some(metrics) = &self.0 {
            let count = metrics.record_dropped();
            tracing::error!(count, "the record of a call was not closed");
        }
    }
}

/// How long a drain waits for records that blocking threads still close.
pub(crate) const CLOSING_TIMEOUT: Duration = Duration::from_secs(10);
