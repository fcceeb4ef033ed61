//! Asking a provider, once or as often as the caller wants it, within the deadlines.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use gatehouse_policy::retry::{Failure, Hints, Next, RetryPolicy};
use gatehouse_types::Attempt;
use gatehouse_upstream::{Answer, UpstreamError};
use http::header::{CONTENT_LENGTH, HeaderMap, RETRY_AFTER};
use http::request::Parts;
use http::{HeaderValue, Request};
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::finish::Recording;
use crate::headers;
use crate::reject::Refusal;
use crate::signing::Signing;
use crate::targets::Target;
use crate::upload::{HeldBody, Payload, Progress, Upload};
use crate::worker::Worker;

const RETRY_AFTER_MS: &str = "retry-after-ms";
const SHOULD_RETRY: &str = "x-should-retry";

/// Where a call goes, and what it says there.
#[derive(Clone)]
pub(crate) struct Leg {
    pub(crate) head: Parts,
    pub(crate) target: Arc<Target>,
    /// Whether the provider takes the call only with a signature of ours.
    pub(crate) must_sign: bool,
    /// Which entry of `Helicone-Fallbacks` it is.
    pub(crate) fallback_index: Option<u16>,
}

/// Asks providers for one call.
pub(crate) struct Asking<'a> {
    pub(crate) worker: &'a Arc<Worker>,
    pub(crate) retry: Option<RetryPolicy>,
    /// Whether each attempt is kept in the record.
    pub(crate) keeps_log: bool,
    pub(crate) recording: &'a mut Recording,
}

impl Asking<'_> {
    /// Asks until there is an answer that stands, or no further attempt is due.
    ///
    /// Nothing of an answer has reached the client before this returns.
    ///
    /// # Errors
    /// Fails as [`ask_once`] does, with the failure of the last attempt.
    pub(crate) async fn ask(&mut self, leg: Box<Leg>, payload: Payload) -> Result<Answer<Upload>, Refusal> {
        match (self.retry, payload) {
            // Few calls are tried again; the others do not carry what that takes.
            (Some(retry), Payload::Held(held)) => Box::pin(self.ask_again(leg, held, retry)).await,
            (_, payload) => self.ask_once(leg, payload).await,
        }
    }

    async fn ask_again(
        &mut self,
        leg: Box<Leg>,
        held: HeldBody,
        retry: RetryPolicy,
    ) -> Result<Answer<Upload>, Refusal> {
        let mut attempt = 1;
        loop {
            let answered = self.ask_once(leg.clone(), Payload::Held(held.clone())).await;
            let Some((failure, hints)) = self.failure(&answered) else { return answered };
            let time_left = self.recording.last_moment().saturating_duration_since(Instant::now());
            match retry.verdict(attempt, failure, hints, rand::random(), time_left) {
                Next::Stop => return answered,
                Next::WaitFor(wait) => {
                    // The connection of an answer that nobody reads is closed.
                    drop(answered);
                    tokio::time::sleep(wait).await;
                }
            }
            attempt += 1;
        }
    }

    /// Asks, unless the origin is left alone for a while.
    async fn through_breaker(&mut self, leg: Box<Leg>, payload: Payload) -> Result<Answer<Upload>, Refusal> {
        let worker = self.worker;
        let probe = worker.breakers.admit(&leg.target.origin, worker.shared.clock.now());
        let probe = probe.map_err(Refusal::CircuitOpen)?;
        let answered = ask_once(worker, leg, payload, self.recording).await;
        if let Some(probe) = probe {
            let failure = self.failure(&answered).map(|(failure, _)| failure);
            // Of a call that failed by itself, for want of room here, or because its client stopped sending,
            // nothing follows for the origin.
            let is_ours = match &answered {
                Err(Refusal::Upstream(UpstreamError::TooManyConnections)) => true,
                Err(Refusal::FirstByteTimeout) => !self.recording.is_upload_whole(),
                Err(_) => self.recording.upload_failure().is_some(),
                Ok(_) => false,
            };
            if !is_ours && (failure.is_some() || answered.is_ok()) {
                probe.end(failure, worker.shared.clock.now());
            }
        }
        answered
    }

    /// Returns what another attempt might mend.
    fn failure(&self, answered: &Result<Answer<Upload>, Refusal>) -> Option<(Failure, Hints)> {
        match answered {
            Ok(answer) if answer.response.status().as_u16() < 400 => None,
            Ok(answer) => {
                let headers = answer.response.headers();
                let text = |name: &str| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
                let now = self.worker.shared.clock.now();
                let hints =
                    Hints::read(text(RETRY_AFTER_MS), text(RETRY_AFTER.as_str()), text(SHOULD_RETRY), now);
                Some((Failure::Status(answer.response.status().as_u16()), hints))
            }
            Err(refusal) => Some((passing(refusal)?, Hints::default())),
        }
    }

    async fn ask_once(&mut self, leg: Box<Leg>, payload: Payload) -> Result<Answer<Upload>, Refusal> {
        let mut attempt = self.keeps_log.then(|| Attempt {
            provider: Arc::clone(&leg.target.name),
            origin: leg.target.origin.to_string(),
            fallback_index: leg.fallback_index,
            status: None,
            error_kind: None,
            started_us: self.recording.elapsed_us(),
            ended_us: 0,
            connect_us: None,
        });
        let answered = self.through_breaker(leg, payload).await;
        if let Some(attempt) = &mut attempt {
            attempt.ended_us = self.recording.elapsed_us();
            match &answered {
                Ok(answer) => {
                    attempt.status = Some(answer.response.status().as_u16());
                    attempt.connect_us = answer.connect_time.map(micros);
                }
                Err(refusal) => attempt.error_kind = Some(refusal.kind().to_owned()),
            }
        }
        if let (Some(attempt), Some(meta)) = (attempt, self.recording.meta()) {
            meta.attempt_log.push(attempt);
        }
        answered
    }
}

/// Sorts a failure by what another attempt might mend.
const fn passing(refusal: &Refusal) -> Option<Failure> {
    match refusal {
        Refusal::FirstByteTimeout => Some(Failure::FirstByteTimeout),
        Refusal::Upstream(error) => match error {
            UpstreamError::Dns(_)
            | UpstreamError::ConnectTimeout
            | UpstreamError::Connect(_)
            | UpstreamError::Tls(_)
            | UpstreamError::TooManyConnections => Some(Failure::Connect),
            UpstreamError::Closed(_) => Some(Failure::Lost),
            UpstreamError::ForbiddenAddress(_)
            | UpstreamError::Protocol(_)
            | UpstreamError::RequestBody(_) => None,
        },
        _ => None,
    }
}

/// Asks once and waits for the head of the answer.
///
/// # Errors
/// Fails when the call can't be signed, no connection can be had, the provider doesn't speak HTTP, or a
/// deadline passes.
async fn ask_once(
    worker: &Arc<Worker>,
    leg: Box<Leg>,
    payload: Payload,
    recording: &mut Recording,
) -> Result<Answer<Upload>, Refusal> {
    let Leg { mut head, target, must_sign, .. } = *leg;
    let signing = Signing::prepare(&mut head, &target, must_sign)?;
    headers::strip_request(&mut head.headers);
    let (upload, held) = payload.upload();
    if let Some(held) = &held {
        announce(&mut head.headers, held.bytes().len());
        if let Some(signing) = signing {
            signing.sign(&mut head, &target, held.bytes(), worker.shared.clock.now())?;
        }
    }
    let progress = Arc::clone(upload.progress());
    let mut request = Request::new(upload);
    *request.method_mut() = head.method;
    *request.uri_mut() = head.uri;
    *request.headers_mut() = head.headers;
    recording.count_attempt();
    let sending = std::pin::pin!(worker.upstream.send(&target.origin, request));
    let answered = within_deadlines(worker, sending, &progress, recording).await.and_then(|sent| Ok(sent?));
    if answered.as_ref().map_or_else(never_reached, |_| true) {
        recording.attempt_is_told();
    }
    answered
}

/// Returns whether a call failed before anything of it could reach its target.
pub(crate) const fn never_reached(refusal: &Refusal) -> bool {
    let is_unreachable = matches!(refusal, Refusal::Upstream(UpstreamError::ForbiddenAddress(_)));
    is_unreachable || matches!(passing(refusal), Some(Failure::Connect))
}

/// What is sent may be longer or shorter than what the client announced.
fn announce(headers: &mut HeaderMap, length: usize) {
    if headers.contains_key(CONTENT_LENGTH) {
        headers.insert(CONTENT_LENGTH, length.into());
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
/// Waits for the head of the answer; the time for its first byte begins anew while the upload moves on.
async fn within_deadlines<F>(
    worker: &Worker,
    mut sending: Pin<&mut F>,
    progress: &Mutex<Progress>,
    recording: &Recording,
) -> Result<F::Output, Refusal>
where
    F: Future,
{
    let last_moment = recording.last_moment();
    let timeout = recording.patience(worker.shared.config.gateway.first_byte_timeout);
    loop {
        let first_byte = progress.lock().last_activity + timeout;
        match tokio::time::timeout_at(first_byte.min(last_moment), sending.as_mut()).await {
            Ok(answered) => return Ok(answered),
            Err(_) if Instant::now() >= last_moment => return Err(Refusal::TotalTimeout),
            Err(_) if has_passed(progress, timeout) => return Err(Refusal::FirstByteTimeout),
            Err(_) => {}
        }
    }
}

/// Waits for something that needs the upload, for as long as the upload moves on.
pub(crate) async fn while_moving<F>(
    worker: &Worker,
    reading: Pin<&mut F>,
    progress: &Mutex<Progress>,
    recording: &Recording,
) -> Result<F::Output, Refusal>
where
    F: Future,
{
    let read = within_deadlines(worker, reading, progress, recording).await;
    read.map_err(|refusal| match refusal {
        Refusal::FirstByteTimeout => Refusal::SlowUpload,
        refusal => refusal,
    })
}

fn has_passed(progress: &Mutex<Progress>, timeout: Duration) -> bool {
    progress.lock().last_activity.elapsed() >= timeout
}
