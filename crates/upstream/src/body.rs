//! The body of a provider's answer: the provider's frames, and the connection they come over.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use crate::pool::Lease;

/// Frames as the provider sent them; at their end the connection goes back to the pool.
///
/// Dropped before the end it takes its connection with it (HTTP/1.1) or resets its stream (HTTP/2), so that
/// the provider stops working for nobody.
pub struct UpstreamBody<B> {
    frames: Incoming,
    lease: Option<Lease<B>>,
}

impl<B> UpstreamBody<B> {
    pub(crate) fn new(frames: Incoming, lease: Lease<B>) -> Self {
        let mut body = Self { frames, lease: Some(lease) };
        body.release_at_end();
        body
    }

    fn release_at_end(&mut self) {
        if self.frames.is_end_stream() {
            self.release();
        }
    }

    fn release(&mut self) {
        if let Some(lease) = self.lease.take() {
            lease.give_back();
        }
    }
}

impl<B> Body for UpstreamBody<B> {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let polled = Pin::new(&mut self.frames).poll_frame(cx);
        match &polled {
            Poll::Ready(None) => self.release(),
            // Nothing follows trailers, and not everyone asks again after them.
            Poll::Ready(Some(Ok(frame))) if frame.is_trailers() => self.release(),
            Poll::Ready(Some(Ok(_))) => self.release_at_end(),
            Poll::Ready(Some(Err(_))) => self.lease = None,
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
