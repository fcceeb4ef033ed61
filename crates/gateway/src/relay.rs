//! The sixth stage: the provider's frames go to the client as they come, a bounded copy beside them.

use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use gatehouse_types::Outcome;
use gatehouse_upstream::UpstreamBody;
use http::{Response, StatusCode, Version};
use http_body::{Body as _, Frame, SizeHint};
use tokio::time::{Instant, Sleep, timeout_at};

use crate::finish::{Kept, Recording};
use crate::forward::Forwarded;
use crate::frames::Frames;
use crate::headers;
use crate::reject::{Refusal, Rejection};
use crate::reply::ReplyBody;
use crate::upload::Upload;
use crate::worker::Worker;

/// Why a relayed body ends before its end: the connection to the client is then aborted, so that no client
/// takes a part for the whole.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RelayError {
    #[error("the provider's answer was cut")]
    Upstream(#[source] hyper::Error),
    #[error("the answer took too long")]
    TimedOut,
    #[error("the call could not be recorded")]
    NotRecorded,
    #[error("the REST API broke its answer off")]
    Local(#[source] Box<dyn Error + Send + Sync>),
}

/// What a poll for the next frame gives.
type Polled = Poll<Option<Result<Frame<Bytes>, RelayError>>>;

/// A provider's body on its way to the client. Ends exactly once: complete, cut, timed out, or dropped
/// because the client is gone.
pub(crate) struct Relay {
    frames: Frames,
    recording: Recording,
    held: Option<Held>,
    failure: Option<RelayError>,
    is_strict: bool,
    ended: bool,
    /// Since when the client waits for the provider.
    waiting_since: Option<Instant>,
    idle_timeout: Duration,
    last_moment: Instant,
    timer: Option<Pin<Box<Sleep>>>,
}

/// The frame that completes an answer, held back until the record is on disk.
struct Held {
    frame: Option<Frame<Bytes>>,
    durable: Pin<Box<dyn Future<Output = bool> + Send>>,
}

/// Passes the head of the answer on and wraps its body.
///
/// # Errors
/// Fails in `strict` durability when an answer without a body can't be recorded.
pub(crate) async fn relay(
    worker: &Arc<Worker>,
    forwarded: Forwarded,
) -> Result<Response<ReplyBody>, Box<Rejection>> {
    let Forwarded { response, mut recording } = forwarded;
    let (mut head, frames) = response.into_parts();
    if headers::has_transfer_coding(&head.headers) {
        return Err(recording.refuse(Refusal::ProviderTransferCoding));
    }
    headers::strip_response(&mut head.headers);
    recording.write_marks(&mut head.headers, head.status);
    // An answer of HTTP/1.0 is not one to a client of HTTP/1.1, who could not see it cut.
    head.version = Version::HTTP_11;
    let last_moment = recording.last_moment();
    if recording.is_head() || has_no_body(head.status, &frames) {
        let kept = recording.finish_whole();
        if worker.is_strict() && !timeout_at(last_moment, kept.durable()).await.unwrap_or(false) {
            return Err(Rejection::unrecorded(&recording));
        }
        // HTTP/1.1 needs to be told that a length may stand without a body.
        let is_bare_304 = head.status == StatusCode::NOT_MODIFIED && !recording.is_http2();
        let body = if is_bare_304 { ReplyBody::NotModified } else { ReplyBody::Whole(None) };
        return Ok(Response::from_parts(head, body));
    }
    let mut frames = Frames::new(frames);
    if recording.wants_whole_events() {
        frames.cut_between_events();
    }
    let relay = Relay {
        frames,
        held: None,
        failure: None,
        is_strict: worker.is_strict(),
        ended: false,
        waiting_since: None,
        idle_timeout: recording.patience(worker.shared.config.gateway.idle_timeout),
        last_moment,
        timer: None,
        recording,
    };
    Ok(Response::from_parts(head, ReplyBody::Relayed(Box::new(relay))))
}

/// Tells an answer that ends with its head; over HTTP/2 the end itself may still be on its way.
fn has_no_body(status: StatusCode, frames: &UpstreamBody<Upload>) -> bool {
    matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
        || frames.is_end_stream()
        || frames.size_hint().exact() == Some(0)
}

impl Relay {
    /// Returns the next frame for the client.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Polled {
        if let Some(failure) = self.failure.take() {
            return Poll::Ready(Some(Err(failure)));
        }
        if self.held.is_some() {
            return self.poll_held(cx);
        }
        if self.ended {
            return Poll::Ready(None);
        }
        let Poll::Ready(polled) = self.frames.poll(cx) else {
            let waiting_since = *self.waiting_since.get_or_insert_with(Instant::now);
            return self.poll_deadline(waiting_since + self.idle_timeout, cx);
        };
        self.waiting_since = None;
        match polled {
            Some(Ok(_)) if Instant::now() >= self.last_moment => self.time_out(cx),
            Some(Ok(frame)) => self.pass(frame, cx),
            Some(Err(error)) => {
                self.end(Outcome::UpstreamCut);
                self.fail_soon(RelayError::Upstream(error), cx)
            }
            None => {
                self.ended = true;
                let kept = self.recording.finish_whole();
                self.pass_when_kept(None, kept, cx)
            }
        }
    }

    /// Returns whether there is nothing left to poll for.
    pub(crate) const fn is_over(&self) -> bool {
        self.ended && self.held.is_none() && self.failure.is_none()
    }

    /// Returns how much the provider announced that is still to come.
    pub(crate) fn size_hint(&self) -> SizeHint {
        self.frames.size_hint()
    }

    fn pass(&mut self, frame: Frame<Bytes>, cx: &mut Context<'_>) -> Polled {
        if let Some(data) = frame.data_ref() {
            self.recording.note_data(data);
        } else {
            self.recording.note_trailers();
        }
        self.ended = frame.is_trailers() || self.frames.is_end_stream();
        // Over HTTP/2 the end may follow the last announced byte, and an HTTP/1.1 client is given no more.
        let is_whole = self.ended || self.frames.size_hint().exact() == Some(0);
        let kept = if is_whole {
            self.recording.finish_whole()
        } else if self.is_strict && self.recording.is_terminal() {
            self.recording.finish(Outcome::Complete)
        } else {
            Kept::NotRecorded
        };
        self.pass_when_kept(Some(frame), kept, cx)
    }

    /// Gives the frame out: at once, or in `strict` durability once the record is on disk.
    fn pass_when_kept(&mut self, frame: Option<Frame<Bytes>>, kept: Kept, cx: &mut Context<'_>) -> Polled {
        if !self.is_strict || matches!(kept, Kept::NotRecorded) {
            return Poll::Ready(frame.map(Ok));
        }
        self.held = Some(Held { frame, durable: Box::pin(kept.durable()) });
        self.poll_held(cx)
    }

    fn poll_held(&mut self, cx: &mut Context<'_>) -> Polled {
        let Some(held) = &mut self.held else { return Poll::Ready(None) };
        let Poll::Ready(is_kept) = held.durable.as_mut().poll(cx) else {
            return self.poll_deadline(self.last_moment, cx);
        };
        let frame = self.held.take().and_then(|held| held.frame);
        if is_kept {
            return Poll::Ready(frame.map(Ok));
        }
        self.ended = true;
        Poll::Ready(Some(Err(RelayError::NotRecorded)))
    }

    /// Nothing has come: has it been too long?
    fn poll_deadline(&mut self, deadline: Instant, cx: &mut Context<'_>) -> Polled {
        let deadline = deadline.min(self.last_moment);
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        if timer.deadline() > deadline {
            timer.as_mut().reset(deadline);
        }
        while timer.as_mut().poll(cx).is_ready() {
            if Instant::now() >= deadline {
                return self.time_out(cx);
            }
            timer.as_mut().reset(deadline);
        }
        Poll::Pending
    }

    fn time_out(&mut self, cx: &mut Context<'_>) -> Polled {
        self.held = None;
        self.end(Outcome::TimedOut);
        self.fail_soon(RelayError::TimedOut, cx)
    }

    /// Aborts with the next poll: what the provider sent before the cut is written out in between, where an
    /// error at once would have it thrown away.
    fn fail_soon(&mut self, failure: RelayError, cx: &mut Context<'_>) -> Polled {
        self.failure = Some(failure);
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Closes the record of an answer that is not whole, unless its terminal event already was.
    fn end(&mut self, outcome: Outcome) {
        self.ended = true;
        let outcome = match outcome {
            _ if self.recording.is_terminal() => Outcome::Complete,
            // The upload took the connection to the provider with it.
            Outcome::UpstreamCut if self.recording.upload_failure().is_some() => Outcome::ClientGone,
            outcome => outcome,
        };
        // The client learns of the cut at once: nothing is held for this record.
        drop(self.recording.finish(outcome));
    }
}
