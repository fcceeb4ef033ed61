//! The request's body on its way to the provider: the client's frames untouched, a bounded copy beside.

use std::error::Error as _;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::capture::Capture;
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
    frames: Incoming,
    progress: Arc<Mutex<Progress>>,
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
        (Self { frames, progress: Arc::clone(&progress) }, progress)
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let polled = Pin::new(&mut self.frames).poll_frame(cx);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                let mut progress = self.progress.lock();
                if let Some(data) = frame.data_ref() {
                    progress.capture.push(data);
                }
                progress.last_activity = Instant::now();
                progress.has_ended = frame.is_trailers() || self.frames.is_end_stream();
            }
            Poll::Ready(None) => self.progress.lock().has_ended = true,
            Poll::Ready(Some(Err(error))) => self.progress.lock().failed = Some(UploadFailure::of(error)),
            Poll::Pending => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.frames.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.frames.size_hint()
    }
}
