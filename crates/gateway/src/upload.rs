//! The request's body on its way to the provider: the client's frames untouched, a bounded copy beside.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::capture::Capture;

/// What the call knows of its upload while the HTTP client is sending it.
pub(crate) struct Progress {
    /// The copy.
    pub(crate) capture: Capture,
    /// When the last part of it passed.
    pub(crate) last_activity: Instant,
}

/// The request's body as the HTTP client sees it.
pub(crate) struct Upload {
    frames: Incoming,
    progress: Arc<Mutex<Progress>>,
}

impl Upload {
    /// Returns the body to send and the view of its progress.
    pub(crate) fn new(frames: Incoming, cap: u64) -> (Self, Arc<Mutex<Progress>>) {
        let capture = Capture::new(cap, frames.size_hint().exact());
        let progress = Arc::new(Mutex::new(Progress { capture, last_activity: Instant::now() }));
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
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let Some(data) = frame.data_ref()
        {
            let mut progress = self.progress.lock();
            progress.capture.push(data);
            progress.last_activity = Instant::now();
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
