//! An answer out of the cache on its way to the client, in the frames that the provider sent it in.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use gatehouse_types::Outcome;
use http_body::Frame;
use tokio::time::{Instant, Sleep, timeout_at};

use crate::capture::Reservation;
use crate::finish::{Kept, Recording};
use crate::relay::RelayError;

/// A body that is given again. Ends complete, or dropped because the client is gone.
pub(crate) struct Replay {
    frames: VecDeque<(Bytes, Duration)>,
    recording: Recording,
    /// Since when frames are waited for, if they come with the pauses that the provider made.
    paced_since: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
    is_strict: bool,
    last: Option<Last>,
    _room: Reservation,
}

/// The last frame, which in `strict` durability is held until the record is on disk.
struct Last {
    frame: Bytes,
    durable: Pin<Box<dyn Future<Output = bool> + Send>>,
}

impl Replay {
    /// Returns the body of an answer that has at least one frame.
    pub(super) fn new(
        frames: VecDeque<(Bytes, Duration)>,
        recording: Recording,
        is_paced: bool,
        is_strict: bool,
        room: Reservation,
    ) -> Self {
        let paced_since = is_paced.then(Instant::now);
        Self { frames, recording, paced_since, timer: None, is_strict, last: None, _room: room }
    }

    /// Returns the next frame for the client.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, RelayError>>> {
        if self.last.is_some() {
            return self.poll_last(cx);
        }
        let Some((_, after)) = self.frames.front() else { return Poll::Ready(None) };
        if let Some(since) = self.paced_since {
            let due = since + *after;
            let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(due)));
            if timer.deadline() != due {
                timer.as_mut().reset(due);
            }
            if timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
        let Some((frame, _)) = self.frames.pop_front() else { return Poll::Ready(None) };
        self.recording.note_data(&frame);
        if !self.frames.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(frame))));
        }
        let kept = self.recording.finish(Outcome::Complete);
        if !self.is_strict || matches!(kept, Kept::NotRecorded) {
            return Poll::Ready(Some(Ok(Frame::data(frame))));
        }
        let last_moment = self.recording.last_moment();
        let durable = async move { timeout_at(last_moment, kept.durable()).await.unwrap_or(false) };
        self.last = Some(Last { frame, durable: Box::pin(durable) });
        self.poll_last(cx)
    }

    /// Returns whether there is nothing left to poll for.
    pub(crate) fn is_over(&self) -> bool {
        self.frames.is_empty() && self.last.is_none()
    }

    fn poll_last(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, RelayError>>> {
        let Some(last) = &mut self.last else { return Poll::Ready(None) };
        let Poll::Ready(is_kept) = last.durable.as_mut().poll(cx) else { return Poll::Pending };
        let frame = self.last.take().map(|last| Frame::data(last.frame));
        match frame {
            Some(frame) if is_kept => Poll::Ready(Some(Ok(frame))),
            _ => Poll::Ready(Some(Err(RelayError::NotRecorded))),
        }
    }
}
