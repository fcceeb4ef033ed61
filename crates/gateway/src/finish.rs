//! The last stage: one record for every call, whatever its end.
//!
//! A [`Recording`] is opened when the caller is known and travels with the call. It is closed by the stage
//! that sees the end; dropped unclosed it knows that the client went away.

mod closing;
mod content;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gatehouse_store::limits::{OpenReservation, Spending};
use gatehouse_types::{
    Dialect, ExchangeMeta, NanoUsd, OrganizationId, Outcome, ProxyKeyId, RequestId, Timing,
};
use gatehouse_wire::errors::ErrorShape;
use gatehouse_wire::{TerminalWatch, redact_target};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::accept::Call;
use crate::cache::{SavedAnswer, Saving};
use crate::options::Options;
use crate::plan::Caller;
use crate::reply;
use crate::targets::Target;
use crate::upload::{Progress, UploadFailure};
use crate::worker::Worker;

pub(crate) use closing::{CLOSING_TIMEOUT, Kept};
use closing::{Open, OwnReservation};
use content::Content;

const FALLBACK_INDEX: HeaderName = HeaderName::from_static("helicone-fallback-index");
/// How the names of the headers begin that tell of limits, other than Helicone's.
const LIMIT_PREFIX: &str = "ratelimit";
/// Helicone's synthetic statuses for calls that ended without the provider's last byte.
const STATUS_TIMED_OUT: i32 = -2;
const STATUS_CLIENT_GONE: i32 = -3;
/// What a call is recorded with that this process ended before the provider had answered.
const STATUS_SHUTTING_DOWN: i32 = 503;

/// The open record of a call.
pub(crate) struct Recording {
    worker: Arc<Worker>,
    request_id: RequestId,
    dialect: Dialect,
    error_shape: ErrorShape,
    started: Instant,
    /// How long the caller lets the provider take, where that is more than usual.
    patience: Duration,
    /// Whether events of a stream are to be passed on whole.
    force_format: bool,
    is_head: bool,
    is_http2: bool,
    /// What the answer's head says of what the gateway did.
    marks: Vec<(HeaderName, HeaderValue)>,
    /// The duty to keep the answer, until its head is there.
    saving: Option<Box<Saving>>,
    /// The answer that is to be kept, as far as it has passed.
    saved: Option<Box<SavedAnswer>>,
    open: Option<Box<Open>>,
}

impl Recording {
    /// Opens the record of a call; without a caller it is counted but not kept.
    pub(crate) fn open(
        worker: &Arc<Worker>,
        call: Call,
        head: &Parts,
        target: Option<&Target>,
        caller: Option<&Caller>,
    ) -> Self {
        let provider = target.and_then(|target| target.provider.as_ref());
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
        let dialect = worker.shared.providers.dialect_of(provider.map(AsRef::as_ref), path);
        let control = call.control;
        let meta = ExchangeMeta {
            client_chose_id: call.client_chose_id,
            key_id: caller.and_then(|caller| caller.key_id),
            timing: Timing::default(),
            outcome: Outcome::ClientGone,
            status: STATUS_CLIENT_GONE,
            error_kind: None,
            attempts: 0,
            method: head.method.as_str().to_owned(),
            path: redact_target(path).into_owned(),
            target_url: target
                .map_or_else(String::new, |target| redacted(format!("{}{path}", target.origin))),
            provider: provider_name(target, control.target_provider),
            dialect,
            user_id: control.user_id,
            properties: control.properties,
            proxy_key_id: caller.and_then(|caller| caller.grant.as_ref()).map(|grant| grant.key.proxy_key_id),
            model_override: control.model_override,
            country_code: control.country_code,
            ..ExchangeMeta::new(
                call.request_id,
                caller.as_ref().map_or(OrganizationId::NOBODY, |caller| caller.organization_id),
                call.started_at,
            )
        };
        let open = Open {
            meta,
            provider: provider.map(|provider| Arc::clone(&provider.name)),
            started: call.started,
            is_recorded: caller.is_some(),
            omit_request: control.omit_request,
            omit_response: control.omit_response,
            upload: None,
            request_content: Content::of(&head.headers),
            response: worker.capture_nothing(),
            response_content: Content::default(),
            terminal: None,
            scan: None,
            answered_status: None,
            reservation: None,
            own_reservation: None,
            untold: 0,
        };
        worker.shared.metrics.call_began();
        Self {
            worker: Arc::clone(worker),
            request_id: call.request_id,
            dialect,
            error_shape: ErrorShape::of(dialect, path),
            started: call.started,
            patience: Duration::ZERO,
            force_format: false,
            is_head: call.is_head,
            is_http2: call.is_http2,
            marks: Vec::new(),
            saving: None,
            saved: None,
            open: Some(Box::new(open)),
        }
    }

    pub(crate) const fn request_id(&self) -> RequestId {
        self.request_id
    }

    /// Returns the shape of an error that the gateway answers.
    pub(crate) const fn error_shape(&self) -> ErrorShape {
        self.error_shape
    }

    /// Returns the time since the head of the request was read, in microseconds.
    pub(crate) fn elapsed_us(&self) -> u64 {
        micros(self.started.elapsed())
    }

    /// Says that an entry of `Helicone-Fallbacks` is asked, and with which proxy key.
    pub(crate) fn fall_back_to(
        &mut self,
        index: u16,
        target: &Target,
        path: &str,
        proxy_key_id: Option<ProxyKeyId>,
    ) {
        self.retarget(target, path);
        self.mark(FALLBACK_INDEX, index.into());
        if let Some(meta) = self.meta() {
            meta.fallback_index = Some(index);
            meta.proxy_key_id = proxy_key_id;
        }
    }

    /// Says that an entry of `Helicone-Fallbacks` is passed over; `used_nothing` where its target said so.
    pub(crate) fn pass_over(&mut self, used_nothing: bool) {
        let Some(open) = &mut self.open else { return };
        if !used_nothing {
            open.untold = open.untold.max(1);
        }
        let Some(own) = open.own_reservation.take() else { return };
        if own.is_asked && open.untold == 0 {
            own.reservation.settle(Spending { cost: Some(NanoUsd::new(0)), tokens: Some(0) });
        }
    }

    /// Says that another target answers than the one that the record was opened for.
    fn retarget(&mut self, target: &Target, path: &str) {
        let provider = target.provider.as_ref();
        self.dialect = self.worker.shared.providers.dialect_of(provider.map(AsRef::as_ref), path);
        let Some(open) = &mut self.open else { return };
        open.provider = provider.map(|provider| Arc::clone(&provider.name));
        open.meta.dialect = self.dialect;
        open.meta.provider = Arc::clone(&target.name);
        open.meta.target_url = redacted(format!("{}{path}", target.origin));
    }

    /// Returns when the head of the request was read.
    pub(crate) const fn started(&self) -> Instant {
        self.started
    }

    /// Returns when the call has to have ended.
    pub(crate) fn last_moment(&self) -> Instant {
        self.started + self.worker.shared.config.gateway.total_timeout
    }

    /// Returns whether the answer is a stream whose events the caller wants whole; what is compressed can't
    /// be cut between them.
    pub(crate) fn wants_whole_events(&self) -> bool {
        let content = self.open.as_ref().map(|open| &open.response_content);
        self.force_format && content.is_some_and(|content| content.is_event_stream() && !content.is_encoded())
    }

    /// Takes what the caller asked for as far as it concerns the record and the answer.
    pub(crate) fn take_options(&mut self, options: &Options) {
        self.force_format = options.force_format;
        self.patience = options.patience.unwrap_or_default();
        if let Some(meta) = self.meta() {
            meta.properties.extend(options.properties.iter().cloned());
            meta.prompt_id.clone_from(&options.prompt_id);
            meta.prompt_version.clone_from(&options.prompt_version);
        }
    }

    /// Returns how long the provider may take where it may usually take `usual`.
    pub(crate) fn patience(&self, usual: Duration) -> Duration {
        usual.max(self.patience)
    }

    /// Adds a header to the answer, whoever gives it; of two with the same name the later one stays.
    pub(crate) fn mark(&mut self, name: HeaderName, value: HeaderValue) {
        self.marks.retain(|(known, _)| *known != name);
        self.marks.push((name, value));
    }

    /// Writes what the answer's head says of the call: its id, whether it succeeded, what the gateway did.
    pub(crate) fn write_marks(&self, answer: &mut HeaderMap, status: StatusCode) {
        reply::mark(answer, self.request_id, status);
        // What the provider says of limits of its own stays, and is not mixed with what we say of ours.
        let is_limited =
            |answer: &HeaderMap| answer.keys().any(|name| name.as_str().starts_with(LIMIT_PREFIX));
        let is_theirs = !self.marks.is_empty() && is_limited(answer);
        for (name, value) in &self.marks {
            if !(is_theirs && name.as_str().starts_with(LIMIT_PREFIX)) {
                answer.insert(name.clone(), value.clone());
            }
        }
    }

    /// Returns the facts of the call, while its record is open.
    pub(crate) fn meta(&mut self) -> Option<&mut ExchangeMeta> {
        self.open.as_mut().map(|open| &mut open.meta)
    }

    /// Returns whether the client asked for the head of the answer alone.
    pub(crate) const fn is_head(&self) -> bool {
        self.is_head
    }

    /// Returns whether the client speaks HTTP/2.
    pub(crate) const fn is_http2(&self) -> bool {
        self.is_http2
    }

    /// Returns how the upload failed, if it did: the client's failure is not the provider's.
    pub(crate) fn upload_failure(&self) -> Option<UploadFailure> {
        let upload = self.open.as_ref()?.upload.as_ref()?;
        upload.lock().failed
    }

    /// Returns whether all of the upload has come.
    pub(crate) fn is_upload_whole(&self) -> bool {
        let upload = self.open.as_ref().and_then(|open| open.upload.as_ref());
        upload.is_none_or(|upload| upload.lock().has_ended)
    }

    /// Says where the copy of the upload grows.
    pub(crate) fn watch_upload(&mut self, progress: Arc<Mutex<Progress>>) {
        if let Some(open) = &mut self.open {
            open.upload = Some(progress);
        }
    }

    /// Says that a provider is being asked.
    pub(crate) fn count_attempt(&mut self) {
        let Some(open) = &mut self.open else { return };
        open.meta.attempts += 1;
        open.untold += 1;
        if let Some(reservation) = &mut open.reservation {
            reservation.sent();
        }
        if let Some(own) = &mut open.own_reservation {
            own.is_asked = true;
            own.reservation.sent();
        }
    }

    /// Says that the provider that was asked last has answered, or was not reached.
    pub(crate) fn attempt_is_told(&mut self) {
        if let Some(open) = &mut self.open {
            open.untold = open.untold.saturating_sub(1);
        }
    }

    /// Takes charge of what the limits of an entry's own proxy key set aside; it is settled when the entry is
    /// passed over, or the call has ended.
    pub(crate) fn settle_with_entry(&mut self, reservation: OpenReservation) {
        if let Some(open) = &mut self.open {
            open.own_reservation = Some(OwnReservation { reservation, is_asked: false });
        }
    }

    /// Takes charge of what limits set aside for the call; it is settled when the call has ended.
    pub(crate) fn settle_at_end(&mut self, reservation: OpenReservation) {
        if let Some(open) = &mut self.open {
            open.reservation = Some(reservation);
        }
    }

    /// Returns the shape of the provider's API.
    pub(crate) const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Says that the answer is to be kept.
    pub(crate) fn keep_answer(&mut self, saving: Saving) {
        self.saving = Some(Box::new(saving));
    }

    /// Takes the head of the provider's answer.
    pub(crate) fn note_answer<B: http_body::Body>(
        &mut self,
        response: &Response<B>,
        connect_time: Option<Duration>,
    ) {
        let elapsed = micros(self.started.elapsed());
        let Some(open) = &mut self.open else { return };
        open.meta.status = i32::from(response.status().as_u16());
        open.meta.timing.connect_us = connect_time.map(micros);
        // What a fallback answers is not what the call's own target will, once it is back.
        let is_own = open.meta.fallback_index.unwrap_or_default() == 0;
        let saving = self.saving.take().filter(|_| is_own);
        self.saved = saving.and_then(|saving| saving.begin(response)).map(Box::new);
        open.meta.timing.first_byte_us = Some(elapsed);
        open.response_content = Content::of(response.headers());
        open.response = self.worker.capture(response.body().size_hint().exact());
        open.scan_too_long_an_answer();
        if !open.response_content.is_encoded() {
            open.terminal =
                TerminalWatch::of_answer(self.dialect, open.response_content.content_type.as_deref());
        }
    }

    /// Takes the next bytes of the provider's answer.
    pub(crate) fn note_data(&mut self, data: &Bytes) {
        let Some(open) = &mut self.open else {
            // In `strict` durability the record is closed at the terminal event, whatever may follow it.
            if self.saved.as_mut().is_some_and(|saved| !saved.note_rest(data)) {
                self.saved = None;
            }
            return;
        };
        if open.meta.timing.first_token_us.is_none() && open.response_content.is_stream {
            open.meta.timing.first_token_us = Some(micros(self.started.elapsed()));
        }
        open.copy_answer(data);
        if self.saved.as_mut().is_some_and(|saved| !saved.note_frame(data.len())) {
            self.saved = None;
        }
        if let Some(terminal) = &mut open.terminal {
            terminal.push(data);
        }
    }

    /// Takes note of trailers, which an answer that is given again would not have.
    pub(crate) fn note_trailers(&mut self) {
        self.saved = None;
    }

    /// Returns whether the stream's terminal event has passed: what follows it matters to nobody.
    pub(crate) fn is_terminal(&self) -> bool {
        let watch = self.open.as_ref().and_then(|open| open.terminal.as_ref());
        watch.is_some_and(TerminalWatch::is_terminal)
    }

    /// Closes the record of a call that the provider answered; only the first closing counts.
    pub(crate) fn finish(&mut self, outcome: Outcome) -> Kept {
        let Some(mut open) = self.open.take() else { return Kept::NotRecorded };
        if outcome == Outcome::Complete
            && let Some(saved) = &mut self.saved
        {
            let stream_of = open.response_content.is_stream.then_some(self.dialect);
            saved.note_copy(open.response.whole(), self.started.elapsed(), stream_of);
        } else {
            self.saved = None;
        }
        open.close(&self.worker, outcome)
    }

    /// Closes the record of an answer whose very last byte has passed, and keeps it if that is due: a terminal
    /// event alone says that a client has all it needs, not that it has all.
    pub(crate) fn finish_whole(&mut self) -> Kept {
        let kept = self.finish(Outcome::Complete);
        if let Some(saved) = self.saved.take() {
            saved.save(&self.worker);
        }
        kept
    }

    /// Closes the record of a call that the gateway itself answered with `status`.
    pub(crate) fn fail(&mut self, outcome: Outcome, status: i32, kind: &'static str) -> Kept {
        let Some(mut open) = self.open.take() else { return Kept::NotRecorded };
        open.meta.error_kind = Some(kind.to_owned());
        open.answered_status = Some(status);
        open.close(&self.worker, outcome)
    }

    /// Closes the record of a call that this process ends because it is stopping.
    fn abort(&mut self) {
        let Some(mut open) = self.open.take() else { return };
        open.meta.error_kind = Some("shutting_down".to_owned());
        if open.meta.timing.first_byte_us.is_none() {
            open.meta.status = STATUS_SHUTTING_DOWN;
        }
        // There is nobody left to wait for it.
        drop(open.close(&self.worker, Outcome::Failed));
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        if self.open.is_none() {
            return;
        }
        if self.is_terminal() {
            drop(self.finish(Outcome::Complete));
        } else if self.worker.is_aborting() {
            self.abort();
        } else {
            drop(self.finish(Outcome::ClientGone));
        }
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

/// Blanks credentials; a URL without any is not copied.
fn redacted(url: String) -> String {
    match redact_target(&url) {
        Cow::Borrowed(_) => url,
        Cow::Owned(blanked) => blanked,
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
