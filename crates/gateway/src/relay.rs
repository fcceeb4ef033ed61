//! The sixth stage: the provider's frames go to the client as they come, a bounded copy beside them.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use gatehouse_journal::{Ack, AckError};
use gatehouse_types::{Outcome, RequestId};
use gatehouse_upstream::UpstreamBody;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep};

use crate::finish::Recording;
use crate::forward::Forwarded;
use crate::headers;
use crate::reject::Rejection;
use crate::upload::Upload;
use crate::worker::Worker;

const HELICONE_ID: HeaderName = HeaderName::from_static("helicone-id");
const HELICONE_STATUS: HeaderName = HeaderName::from_static("helicone-status");

/// The body of an answer to a client.
pub(crate) enum ReplyBody {
    /// A message of our own, until it has been taken.
    Whole(Option<Bytes>),
    /// Nothing, in a form that lets `Content-Length` stand: a 304 says with it how long the body would be.
    NotModified,
    /// The provider's frames.
    Relayed(Box<Relay>),
}

/// Why a relayed body ends before its end: the connection to the client is then aborted, so that no client
/// takes a part for the whole.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RelayError {
    #[error("the provider's answer was cut")]
    Upstream(#[source] hyper::Error),
    #[error("the answer took too long")]
    TimedOut,
    #[error("the call could not be recorded")]
    NotRecorded(#[source] AckError),
}

/// A provider's body on its way to the client. Ends exactly once: complete, cut, timed out, or dropped
/// because the client is gone.
pub(crate) struct Relay {
    frames: UpstreamBody<Upload>,
    recording: Recording,
    held: Option<Held>,
    failure: Option<RelayError>,
    is_strict: bool,
    ended: bool,
    last_activity: Instant,
    limits: Limits,
    timer: Option<Pin<Box<Sleep>>>,
}

/// The frame that completes an answer, held back until the record is on disk.
struct Held {
    frame: Option<Frame<Bytes>>,
    durable: Durable,
}

type Durable = Pin<Box<dyn Future<Output = Result<(), AckError>> + Send>>;

#[derive(Clone, Copy)]
struct Limits {
    idle: std::time::Duration,
    last_moment: Instant,
}

/// Marks an answer with the call's id and whether it succeeded.
pub(crate) fn mark(headers: &mut HeaderMap, request_id: RequestId, status: StatusCode) {
    let mut buffer = uuid_buffer();
    let id = request_id.as_uuid();
    let text: &str = id.hyphenated().encode_lower(&mut buffer);
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.insert(HELICONE_ID, value);
    }
    let success = status.is_success() || status.is_redirection() || status.is_informational();
    let value = if success { "success" } else { "failed" };
    headers.insert(HELICONE_STATUS, HeaderValue::from_static(value));
}

const fn uuid_buffer() -> [u8; 36] {
    [0; 36]
}

/// Passes the head of the answer on and wraps its body.
///
/// # Errors
/// None today: once the provider has answered, its answer is the client's.
pub(crate) async fn relay(
    worker: &Arc<Worker>,
    forwarded: Forwarded,
) -> Result<Response<ReplyBody>, Box<Rejection>> {
    let Forwarded { response, mut recording } = forwarded;
    let (mut head, frames) = response.into_parts();
    headers::strip_response(&mut head.headers);
    mark(&mut head.headers, recording.request_id(), head.status);
    if frames.is_end_stream() {
        let ack = recording.finish(Outcome::Complete);
        if let Some(ack) = ack.filter(|_| worker.is_strict()) {
            wait(ack).await;
        }
        let is_not_modified = head.status == StatusCode::NOT_MODIFIED;
        let body = if is_not_modified { ReplyBody::NotModified } else { ReplyBody::Whole(None) };
        return Ok(Response::from_parts(head, body));
    }
    let gateway = &worker.shared.config.gateway;
    let limits =
        Limits { idle: gateway.idle_timeout, last_moment: recording.started() + gateway.total_timeout };
    let relay = Relay {
        frames,
        recording,
        held: None,
        failure: None,
        is_strict: worker.is_strict(),
        ended: false,
        last_activity: Instant::now(),
        limits,
        timer: None,
    };
    Ok(Response::from_parts(head, ReplyBody::Relayed(Box::new(relay))))
}

impl Relay {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, RelayError>>> {
        if let Some(failure) = self.failure.take() {
            return Poll::Ready(Some(Err(failure)));
        }
        if self.held.is_some() {
            return self.poll_held(cx);
        }
        if self.ended {
            return Poll::Ready(None);
        }
        let Poll::Ready(polled) = Pin::new(&mut self.frames).poll_frame(cx) else {
            return self.poll_deadline(cx);
        };
        self.last_activity = Instant::now();
        match polled {
            Some(Ok(frame)) => self.pass(frame, cx),
            Some(Err(error)) => {
                self.end(Outcome::UpstreamCut);
                self.fail_soon(RelayError::Upstream(error), cx)
            }
            None => {
                self.ended = true;
                let ack = self.recording.finish(Outcome::Complete);
                self.pass_when_durable(None, ack, cx)
            }
        }
    }

    fn pass(
        &mut self,
        frame: Frame<Bytes>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, RelayError>>> {
        if let Some(data) = frame.data_ref() {
            self.recording.note_data(data);
        }
        self.ended = frame.is_trailers() || self.frames.is_end_stream();
        // Over HTTP/2 the end may follow the last announced byte, and an HTTP/1.1 client is given no more.
        let is_whole = self.ended || self.frames.size_hint().exact() == Some(0);
        let completes = is_whole || (self.is_strict && self.recording.is_terminal());
        let ack = if completes { self.recording.finish(Outcome::Complete) } else { None };
        self.pass_when_durable(Some(frame), ack, cx)
    }

    /// Gives the frame out: at once, or in `strict` durability once `ack` says so.
    fn pass_when_durable(
        &mut self,
        frame: Option<Frame<Bytes>>,
        ack: Option<Ack>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, RelayError>>> {
        match ack {
            Some(ack) if self.is_strict => {
                self.held = Some(Held { frame, durable: Box::pin(ack.durable()) });
                self.poll_held(cx)
            }
            _ => Poll::Ready(frame.map(Ok)),
        }
    }

    fn poll_held(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, RelayError>>> {
        let Some(held) = &mut self.held else { return Poll::Ready(None) };
        let durable = ready!(held.durable.as_mut().poll(cx));
        let frame = self.held.take().and_then(|held| held.frame);
        match durable {
            Ok(()) => Poll::Ready(frame.map(Ok)),
            Err(error) => {
                self.ended = true;
                Poll::Ready(Some(Err(RelayError::NotRecorded(error))))
            }
        }
    }

    /// Nothing has come: has it been too long?
    fn poll_deadline(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, RelayError>>> {
        let deadline = (self.last_activity + self.limits.idle).min(self.limits.last_moment);
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        while timer.as_mut().poll(cx).is_ready() {
            if Instant::now() >= deadline {
                self.end(Outcome::TimedOut);
                return self.fail_soon(RelayError::TimedOut, cx);
            }
            timer.as_mut().reset(deadline);
        }
        Poll::Pending
    }

    /// Aborts with the next poll: what the provider sent before the cut is written out in between, where an
    /// error at once would have it thrown away.
    fn fail_soon(
        &mut self,
        failure: RelayError,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, RelayError>>> {
        self.failure = Some(failure);
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Closes the record of an answer that is not whole, unless its terminal event already was.
    fn end(&mut self, outcome: Outcome) {
        self.ended = true;
        let outcome = if self.recording.is_terminal() { Outcome::Complete } else { outcome };
        // The client learns of the cut at once: nothing is held for this record.
        drop(self.recording.finish(outcome));
    }
}

/// Waits until a record is on disk; an answer without a body has nothing that could be held instead.
async fn wait(ack: Ack) {
    if let Err(error) = ack.durable().await {
        tracing::error!(%error, "call ended without its record on disk");
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = RelayError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, RelayError>>> {
        match self.get_mut() {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::NotModified => Poll::Ready(None),
            Self::Relayed(relay) => relay.poll(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_none(),
            // Where it is known to have ended, hyper drops a `Content-Length` that is not 0.
            Self::NotModified => false,
            Self::Relayed(relay) => relay.ended && relay.held.is_none() && relay.failure.is_none(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, Bytes::len) as u64),
            Self::NotModified => SizeHint::default(),
            Self::Relayed(relay) => relay.frames.size_hint(),
        }
    }
}
