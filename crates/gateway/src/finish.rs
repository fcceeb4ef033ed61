//! The last stage: one record for every call, whatever its end.
//!
//! A [`Recording`] is opened when the caller is known and travels with the call. It is closed by the stage
//! that sees the end; dropped unclosed it knows that the client went away.

use std::sync::Arc;
use std::time::Duration;

use gatehouse_journal::Ack;
use gatehouse_store::keys::KeyEntry;
use gatehouse_types::{
    Body, BodyState, Dialect, Exchange, ExchangeMeta, OrganizationId, Outcome, RequestId, Timing,
};
use gatehouse_wire::{
    BodyView, ObserveInput, Provider, TerminalWatch, decode, ends_with_terminal, observe, redact_target,
};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, Response};
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::accept::Call;
use crate::capture::Capture;
use crate::headers;
use crate::route::Target;
use crate::upload::Progress;
use crate::worker::Worker;

/// Helicone's synthetic statuses for calls that ended without the provider's last byte.
const STATUS_TIMED_OUT: i32 = -2;
const STATUS_CLIENT_GONE: i32 = -3;
/// How much of an encoded stream is decoded to see whether it was whole when its client went away.
const DECODED_TO_FIND_END: usize = 1 << 20;
/// How much of an omitted body is decoded to read its model and usage.
const DECODED_TO_OBSERVE: usize = 64 << 20;

/// The open record of a call.
pub(crate) struct Recording {
    worker: Arc<Worker>,
    request_id: RequestId,
    dialect: Dialect,
    provider: Option<&'static Provider>,
    started: Instant,
    open: Option<Box<Open>>,
}

/// What is known so far.
struct Open {
    meta: ExchangeMeta,
    is_recorded: bool,
    omit_request: bool,
    omit_response: bool,
    upload: Option<Arc<Mutex<Progress>>>,
    request_content: Content,
    response: Capture,
    response_content: Content,
    terminal: Option<TerminalWatch>,
}

/// The headers that are needed to read a body.
#[derive(Default)]
struct Content {
    content_type: Option<String>,
    encoding: Option<String>,
}

impl Content {
    fn of(headers: &HeaderMap) -> Self {
        let text = |name: HeaderName| headers.get(name).map(headers::text);
        Self { content_type: text(CONTENT_TYPE), encoding: text(CONTENT_ENCODING) }
    }

    fn is_stream(&self) -> bool {
        let streams = ["text/event-stream", "stream+json", "x-ndjson", "vnd.amazon.eventstream"];
        self.content_type.as_deref().is_some_and(|kind| streams.iter().any(|stream| kind.contains(stream)))
    }

    fn describe(self, body: Body) -> Body {
        Body { content_type: self.content_type, content_encoding: self.encoding, ..body }
    }
}

impl Recording {
    /// Opens the record of a call; without a caller it is counted but not kept.
    pub(crate) fn open(
        worker: &Arc<Worker>,
        call: Call,
        head: &Parts,
        target: Option<&Target>,
        dialect: Dialect,
        caller: Option<KeyEntry>,
    ) -> Self {
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
        let control = call.control;
        let meta = ExchangeMeta {
            request_id: call.request_id,
            client_chose_id: call.client_chose_id,
            organization_id: caller.as_ref().map_or(OrganizationId::NOBODY, |caller| caller.organization_id),
            key_id: caller.as_ref().map(|caller| caller.key_id),
            started_at: call.started_at,
            timing: Timing::default(),
            outcome: Outcome::ClientGone,
            status: STATUS_CLIENT_GONE,
            error_kind: None,
            attempts: 0,
            method: head.method.as_str().to_owned(),
            path: redact_target(path).into_owned(),
            target_url: target.map_or_else(String::new, |target| {
                redact_target(&format!("{}{path}", target.origin)).into_owned()
            }),
            provider: provider_name(target, control.target_provider),
            dialect,
            user_id: control.user_id,
            properties: control.properties,
            model_override: control.model_override,
            observed: None,
        };
        let open = Open {
            meta,
            is_recorded: caller.is_some(),
            omit_request: control.omit_request,
            omit_response: control.omit_response,
            upload: None,
            request_content: Content::of(&head.headers),
            response: Capture::new(0, None),
            response_content: Content::default(),
            terminal: None,
        };
        worker.shared.metrics.call_began();
        Self {
            worker: Arc::clone(worker),
            request_id: call.request_id,
            dialect,
            provider: target.and_then(|target| target.provider),
            started: call.started,
            open: Some(Box::new(open)),
        }
    }

    pub(crate) const fn request_id(&self) -> RequestId {
        self.request_id
    }

    pub(crate) const fn dialect(&self) -> Dialect {
        self.dialect
    }

    pub(crate) const fn started(&self) -> Instant {
        self.started
    }

    /// Says that a provider is being asked, and where the copy of the upload grows.
    pub(crate) fn watch_upload(&mut self, progress: Arc<Mutex<Progress>>) {
        if let Some(open) = &mut self.open {
            open.meta.attempts += 1;
            open.upload = Some(progress);
        }
    }

    /// Takes the head of the provider's answer.
    pub(crate) fn note_answer<B: http_body::Body>(
        &mut self,
        response: &Response<B>,
        connect_time: Option<Duration>,
        body_cap: u64,
    ) {
        let elapsed = micros(self.started.elapsed());
        let Some(open) = &mut self.open else { return };
        open.meta.status = i32::from(response.status().as_u16());
        open.meta.timing.connect_us = connect_time.map(micros);
        open.meta.timing.first_byte_us = Some(elapsed);
        open.response_content = Content::of(response.headers());
        open.response = Capture::new(body_cap, response.body().size_hint().exact());
        if open.response_content.is_stream() && open.response_content.encoding.is_none() {
            open.terminal = Some(TerminalWatch::new(self.dialect));
        }
    }

    /// Takes the next bytes of the provider's answer.
    pub(crate) fn note_data(&mut self, data: &[u8]) {
        let Some(open) = &mut self.open else { return };
        if open.meta.timing.first_token_us.is_none() && open.response_content.is_stream() {
            open.meta.timing.first_token_us = Some(micros(self.started.elapsed()));
        }
        open.response.push(data);
        if let Some(terminal) = &mut open.terminal {
            terminal.push(data);
        }
    }

    /// Returns whether the stream's terminal event has passed: what follows it matters to nobody.
    pub(crate) fn is_terminal(&self) -> bool {
        let watch = self.open.as_ref().and_then(|open| open.terminal.as_ref());
        watch.is_some_and(TerminalWatch::is_terminal)
    }

    /// Closes the record of a call that the provider answered; the first call counts, later ones do nothing.
    ///
    /// Returns what tells when the record is on disk.
    pub(crate) fn finish(&mut self, outcome: Outcome) -> Option<Ack> {
        let mut open = self.open.take()?;
        match outcome {
            Outcome::TimedOut => open.meta.status = STATUS_TIMED_OUT,
            Outcome::ClientGone => open.meta.status = STATUS_CLIENT_GONE,
            _ => {}
        }
        open.meta.outcome = outcome;
        self.write(open)
    }

    /// Closes the record of a call that the gateway itself answered with `status`.
    pub(crate) fn fail(&mut self, outcome: Outcome, status: u16, kind: &'static str) {
        let Some(mut open) = self.open.take() else { return };
        open.meta.outcome = outcome;
        open.meta.status = i32::from(status);
        open.meta.error_kind = Some(kind.to_owned());
        // Nobody waits for the record of a call that was not answered.
        drop(self.write(open));
    }

    fn write(&self, mut open: Box<Open>) -> Option<Ack> {
        let metrics = &self.worker.shared.metrics;
        open.meta.timing.total_us = micros(self.started.elapsed());
        metrics.call_ended(self.provider, &open.meta);
        if !open.is_recorded {
            return None;
        }
        let request_id = self.request_id;
        let parts = match open.into_exchange().encode() {
            Ok(parts) => parts,
            Err(error) => {
                metrics.record_dropped();
                tracing::error!(%request_id, %error, "call can't be recorded");
                return None;
            }
        };
        match self.worker.shared.journal.append(parts) {
            Ok(ack) => Some(ack),
            Err(error) => {
                metrics.record_dropped();
                tracing::error!(%request_id, %error, "call can't be recorded");
                None
            }
        }
    }

    /// Returns how a call ended whose record nobody closed.
    fn end_of_dropped(&self) -> Outcome {
        let Some(open) = &self.open else { return Outcome::Complete };
        if self.is_terminal() || open.encoded_stream_has_ended(self.dialect) {
            Outcome::Complete
        } else if self.worker.is_aborting() {
            Outcome::Failed
        } else {
            Outcome::ClientGone
        }
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        if self.open.is_some() {
            match self.end_of_dropped() {
                Outcome::Failed => self.fail(Outcome::Failed, 503, "shutting_down"),
                outcome => drop(self.finish(outcome)),
            }
        }
    }
}

impl Open {
    /// Returns whether a compressed stream was whole, which can't be seen while it passes.
    fn encoded_stream_has_ended(&self, dialect: Dialect) -> bool {
        let Some(encoding) = self.response_content.encoding.as_deref() else { return false };
        self.response_content.is_stream()
            && self.response.kept_bytes() <= DECODED_TO_FIND_END
            && ends_with_terminal(dialect, &self.response.copied(), Some(encoding))
    }

    fn into_exchange(mut self) -> Exchange {
        let request = self.upload.take().map_or_else(Body::default, |upload| {
            let capture = upload.lock().capture.take();
            capture.into_body()
        });
        let mut exchange = Exchange {
            meta: self.meta,
            request: self.request_content.describe(request),
            response: self.response_content.describe(self.response.into_body()),
        };
        if self.omit_request || self.omit_response {
            omit(&mut exchange, self.omit_request, self.omit_response);
        }
        exchange
    }
}

/// Drops bodies that must not be kept, after reading from them what the row needs.
fn omit(exchange: &mut Exchange, request: bool, response: bool) {
    let (request_bytes, response_bytes) = (exchange.request.contiguous(), exchange.response.contiguous());
    let decoded_request =
        decode(exchange.request.content_encoding.as_deref(), &request_bytes, DECODED_TO_OBSERVE);
    let decoded_response =
        decode(exchange.response.content_encoding.as_deref(), &response_bytes, DECODED_TO_OBSERVE);
    let mut observed = observe(ObserveInput {
        dialect: exchange.meta.dialect,
        path: &exchange.meta.path,
        request: view(&exchange.request, &decoded_request.bytes),
        response: view(&exchange.response, &decoded_response.bytes),
    });
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

fn view<'a>(body: &'a Body, bytes: &'a [u8]) -> BodyView<'a> {
    let truncated = body.state == BodyState::Truncated;
    BodyView { bytes, content_type: body.content_type.as_deref(), truncated }
}

fn drop_bytes(body: &mut Body) {
    body.segments.clear();
    if body.state != BodyState::Empty {
        body.state = BodyState::Omitted;
    }
}

/// The name the table has for the host, else the caller's label, else the host itself.
fn provider_name(target: Option<&Target>, label: Option<String>) -> Arc<str> {
    match (target, label) {
        (Some(target), Some(label)) if target.provider.is_none() => label.into(),
        (Some(target), _) => Arc::clone(&target.name),
        (None, _) => "".into(),
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
