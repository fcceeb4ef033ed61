//! The request's body on its way to the provider: the client's frames untouched, a bounded copy beside.

use std::error::Error as _;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::capture::{Capture, Reservation};
use crate::worker::Worker;

/// What the call knows of its upload while the HTTP client is sending it.
pub(crate) struct Progress {
    /// The copy.
    pub(crate) capture: Capture,
    /// When the last part of it passed.
    pub(crate) last_activity: Instant,
    /// Whether all of it has passed.
    pub(crate) has_ended: bool,
    /// How it broke off, if it did.
    pub(crate) failed: Option<UploadFailure>,
}

/// How a client's upload broke off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UploadFailure {
    /// Its framing is not valid HTTP; the client is still there.
    Broken,
    /// The client went away.
    Gone,
}

impl UploadFailure {
    fn of(error: &hyper::Error) -> Self {
        let mut source = error.source();
        while let Some(cause) = source {
            if let Some(cause) = cause.downcast_ref::<io::Error>() {
                let is_malformed =
                    matches!(cause.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData);
                return if is_malformed { Self::Broken } else { Self::Gone };
            }
            source = cause.source();
        }
        Self::Gone
    }
}

/// The request's body as the HTTP client sees it.
pub(crate) struct Upload {
    frames: Frames,
    progress: Arc<Mutex<Progress>>,
}

/// Where a body comes from.
enum Frames {
    /// From the client, as it sends it.
    Live(Incoming),
    /// From memory: it was read, and copied, before.
    Whole { body: Option<Bytes>, _room: Reservation },
}

impl Upload {
    /// Returns the body to send and the view of its progress.
    pub(crate) fn new(worker: &Worker, frames: Incoming) -> (Self, Arc<Mutex<Progress>>) {
        let capture = worker.capture(frames.size_hint().exact());
        let has_ended = frames.is_end_stream();
        let progress = Arc::new(Mutex::new(Progress {
            capture,
            last_activity: Instant::now(),
            has_ended,
            failed: None,
        }));
        (Self { frames: Frames::Live(frames), progress: Arc::clone(&progress) }, progress)
    }

    /// Reads the body to its end and returns it with a body to send in its place.
    ///
    /// # Errors
    /// Fails when the client breaks off, sends more than `limit` bytes, or more than there is `room` for.
    pub(crate) async fn read_whole(
        mut self,
        limit: u64,
        mut room: Reservation,
    ) -> Result<(Bytes, Self), WholeError> {
        let mut read = BytesMut::new();
        while let Some(frame) = std::future::poll_fn(|cx| Pin::new(&mut self).poll_frame(cx)).await {
            let frame = frame.map_err(|error| WholeError::Failed(UploadFailure::of(&error)))?;
            let Some(data) = frame.data_ref() else { continue };
            if (read.len() as u64).saturating_add(data.len() as u64) > limit {
                return Err(WholeError::TooLarge);
            }
            if !room.grow(data.len()) {
                return Err(WholeError::NoRoom);
            }
            read.extend_from_slice(data);
        }
        let whole = read.freeze();
        let frames = Frames::Whole { body: (!whole.is_empty()).then(|| whole.clone()), _room: room };
        Ok((whole, Self { frames, progress: self.progress }))
    }
}

/// Why a body could not be read whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WholeError {
    Failed(UploadFailure),
    TooLarge,
    NoRoom,
}

impl Body for Upload {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let this = &mut *self;
        let frames = match &mut this.frames {
            Frames::Live(frames) => frames,
            Frames::Whole { body, .. } => return Poll::Ready(body.take().map(|body| Ok(Frame::data(body)))),
        };
        let polled = Pin::new(&mut *frames).poll_frame(cx);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                let mut progress = this.progress.lock();
                if let Some(data) = frame.data_ref() {
                    progress.capture.push(data);
                }
                progress.last_activity = Instant::now();
                progress.has_ended = frame.is_trailers() || frames.is_end_stream();
            }
            Poll::Ready(None) => this.progress.lock().has_ended = true,
            Poll::Ready(Some(Err(error))) => this.progress.lock().failed = Some(UploadFailure::of(error)),
            Poll::Pending => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        match &self.frames {
            Frames::Live(frames) => frames.is_end_stream(),
            Frames::Whole { body, .. } => body.is_none(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.frames {
            Frames::Live(frames) => frames.size_hint(),
            Frames::Whole { body, .. } => SizeHint::with_exact(body.as_ref().map_or(0, Bytes::len) as u64),
        }
    }
}
