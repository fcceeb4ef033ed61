//! The frames of a provider's answer: as they come, or where the caller wants it cut between events.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use gatehouse_upstream::UpstreamBody;
use gatehouse_wire::Reframer;
use http_body::{Body, Frame, SizeHint};

use crate::upload::Upload;

/// A provider's frames on their way to the client.
pub(crate) struct Frames {
    body: UpstreamBody<Upload>,
    events: Option<Events>,
}

/// A stream that is cut between its events, whatever the frames were.
#[derive(Default)]
struct Events {
    reframer: Reframer,
    ready: VecDeque<Frame<Bytes>>,
    has_ended: bool,
}

impl Frames {
    /// Returns the frames as they come.
    pub(crate) const fn new(body: UpstreamBody<Upload>) -> Self {
        Self { body, events: None }
    }

    /// Gives whole events out from now on (`Helicone-Stream-Force-Format`).
    pub(crate) fn cut_between_events(&mut self) {
        self.events = Some(Events::default());
    }

    /// Returns the next frame.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Some(events) = &mut self.events else { return Pin::new(&mut self.body).poll_frame(cx) };
        loop {
            if let Some(frame) = events.ready.pop_front() {
                return Poll::Ready(Some(Ok(frame)));
            }
            if events.has_ended {
                return Poll::Ready(None);
            }
            match Pin::new(&mut self.body).poll_frame(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => events.end(None),
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
                Poll::Ready(Some(Ok(frame))) => {
                    events.take(frame);
                    // Where it is known that nothing follows, nobody may ask again.
                    if self.body.is_end_stream() && !events.has_ended {
                        events.end(None);
                    } else if self.body.size_hint().exact() == Some(0) {
                        events.flush();
                    }
                }
            }
        }
    }

    /// Returns whether the last frame was given out, as far as that is known.
    pub(crate) fn is_end_stream(&self) -> bool {
        match &self.events {
            Some(events) => events.has_ended && events.ready.is_empty(),
            None => self.body.is_end_stream(),
        }
    }

    /// Returns how much is announced that is still to come.
    pub(crate) fn size_hint(&self) -> SizeHint {
        match &self.events {
            Some(events) if events.ready.is_empty() && self.body.size_hint().exact() == Some(0) => {
                SizeHint::with_exact(0)
            }
            Some(_) => SizeHint::default(),
            None => self.body.size_hint(),
        }
    }
}

impl Events {
    fn take(&mut self, frame: Frame<Bytes>) {
        match frame.into_data() {
            Ok(data) => self.ready.extend(self.reframer.push(data).into_iter().map(Frame::data)),
            Err(trailers) => self.end(Some(trailers)),
        }
    }

    /// Gives out what is left of the stream, and its trailers.
    fn end(&mut self, trailers: Option<Frame<Bytes>>) {
        self.flush();
        self.ready.extend(trailers);
        self.has_ended = true;
    }

    /// Gives out the beginning of an event that has no end.
    fn flush(&mut self) {
        let rest = std::mem::take(&mut self.reframer).finish();
        self.ready.extend(rest.map(Frame::data));
    }
}
