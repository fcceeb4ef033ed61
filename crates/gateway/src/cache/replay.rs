//! An answer out of the cache on its way to the client, in the frames that the provider sent it in.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use gatehouse_types::Outcome;
use http_body::Frame;
use tokio::time::{Instant, Sleep, timeout_at};

use super::entry::{Entry, FrameMark};
use crate::capture::Reservation;
use crate::finish::{Kept, Recording};
use crate::relay::RelayError;

/// A body that is given again. Ends complete, or dropped because the client is gone.
pub(crate) struct Replay {
    frames: Frames,
    recording: Recording,
    /// Since when frames are waited for, if they come with the pauses that the provider made.
    paced_since: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
    is_strict: bool,
    last: Option<Last>,
    _room: Reservation,
}

/// The frames that are still to be given, of an answer that many may be given at once.
struct Frames {
    entry: Arc<Entry>,
    given: usize,
    rest: Bytes,
}

impl Frames {
    fn next(&self) -> Option<FrameMark> {
        self.entry.frames.get(self.given).copied()
    }

    fn take(&mut self) -> Option<Bytes> {
        let length = self.next()?.length as usize;
        self.given += 1;
        Some(self.rest.split_to(self.rest.len().min(length)))
    }
}

/// The last frame, which in `strict` durability is held until the record is on disk.
struct Last {
    frame: Bytes,
    durable: Pin<Box<dyn Future<Output = bool> + Send>>,
}

impl Replay {
    /// Returns the body of an answer that has at least one frame.
    pub(super) fn new(
        entry: Arc<Entry>,
        recording: Recording,
        is_paced: bool,
        is_strict: bool,
        room: Reservation,
    ) -> Self {
        let paced_since = is_paced.then(Instant::now);
        let frames = Frames { rest: entry.whole_body(), entry, given: 0 };
        Self { frames, recording, paced_since, timer: None, is_strict, last: None, _room: room }
    }

    /// Returns the next frame for the client.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, RelayError>>> {
        if self.last.is_some() {
            return self.poll_last(cx);
        }
        let Some(next) = self.frames.next() else { return Poll::Ready(None) };
        if let Some(since) = self.paced_since {
            let due = since + Duration::from_millis(u64::from(next.after_ms));
            let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(due)));
            if timer.deadline() != due {
                timer.as_mut().reset(due);
            }
            if timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
        let Some(frame) = self.frames.take() else { return Poll::Ready(None) };
        self.recording.note_data(&frame);
        if self.frames.next().is_some() {
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
        self.frames.next().is_none() && self.last.is_none()
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
