//! The request's body on its way to the provider: the client's frames untouched, a bounded copy beside.

use std::collections::VecDeque;
use std::error::Error as _;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use gatehouse_wire::RequestScanner;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::capture::{Capture, Reservation};
use crate::scan::Scan;
use crate::worker::Worker;

/// Frames shorter than this many bytes are copied together when a body is held: each of them would keep all of
/// the buffer alive that it was read into.
const SMALL_FRAME: usize = 4 << 10;

/// What the call knows of its upload while the HTTP client is sending it.
pub(crate) struct Progress {
    /// The copy.
    pub(crate) capture: Capture,
    /// The reading of a body that is longer than its copy can be.
    pub(crate) scan: Option<Box<Scan<RequestScanner>>>,
    /// When the last part of it passed.
    pub(crate) last_activity: Instant,
    /// Whether all of it has passed.
    pub(crate) has_ended: bool,
    /// How it broke off, if it did.
    pub(crate) failed: Option<UploadFailure>,
}

impl Progress {
    /// Copies the next bytes of the body, and reads them where the copy can't be whole.
    fn take(&mut self, data: &Bytes) {
        let outgrown = self.capture.push(data);
        if let Some(scan) = &mut self.scan {
            scan.push(data.clone());
        } else if let Some(outgrown) = outgrown {
            self.scan = Some(Box::new(Scan::after(RequestScanner::default(), outgrown, data)));
        }
    }
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
    /// First what was read of it before, then from the client.
    Begun { read: VecDeque<Frame<Bytes>>, rest: Incoming, _room: Reservation },
    /// From memory: it was read, and copied, before.
    Held { body: HeldBody, next: Part },
}

/// What of a held body comes next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Data,
    Trailers,
    End,
}

/// A body that was read to its end, and can be sent as often as it takes.
#[derive(Clone)]
pub(crate) struct HeldBody {
    bytes: Bytes,
    trailers: Option<HeaderMap>,
    progress: Arc<Mutex<Progress>>,
    _room: Arc<Reservation>,
}

/// The request's body on its way through the stages.
pub(crate) enum Payload {
    /// The client sends it, or has begun to.
    Passing(Upload),
    /// It is here.
    Held(HeldBody),
}

/// Why a body is not held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotHeld {
    TooLarge,
    NoRoom,
}

impl Payload {
    /// Returns the body to be sent, now and, where it is held, again.
    pub(crate) fn upload(self) -> (Upload, Option<HeldBody>) {
        match self {
            Self::Passing(upload) => (upload, None),
            Self::Held(body) => (body.upload(), Some(body)),
        }
    }

    /// Returns the body, if it is here.
    pub(crate) const fn held(&self) -> Option<&HeldBody> {
        match self {
            Self::Passing(_) => None,
            Self::Held(body) => Some(body),
        }
    }
}

impl HeldBody {
    /// Returns the bytes.
    pub(crate) const fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Returns the same body with other bytes; what was recorded of it stays what the client sent.
    #[must_use]
    pub(crate) fn with_bytes(&self, bytes: Bytes) -> Self {
        Self { bytes, ..self.clone() }
    }

    /// Returns the body to be sent; the time that the provider has begins anew.
    pub(crate) fn upload(&self) -> Upload {
        let mut progress = self.progress.lock();
        progress.last_activity = Instant::now();
        drop(progress);
        let next = match (&self.bytes, &self.trailers) {
            (bytes, _) if !bytes.is_empty() => Part::Data,
            (_, Some(_)) => Part::Trailers,
            (_, None) => Part::End,
        };
        let progress = Arc::clone(&self.progress);
        Upload { frames: Frames::Held { body: self.clone(), next }, progress }
    }
}

impl Upload {
    /// Returns the body to send and the view of its progress.
    pub(crate) fn new(worker: &Worker, frames: Incoming) -> (Self, Arc<Mutex<Progress>>) {
        let capture = worker.capture(frames.size_hint().exact());
        let has_ended = frames.is_end_stream();
        let progress = Arc::new(Mutex::new(Progress {
            scan: capture.is_outgrown().then(|| Box::new(Scan::new(RequestScanner::default()))),
            capture,
            last_activity: Instant::now(),
            has_ended,
            failed: None,
        }));
        (Self { frames: Frames::Live(frames), progress: Arc::clone(&progress) }, progress)
    }

    /// Returns how the body has come so far.
    pub(crate) const fn progress(&self) -> &Arc<Mutex<Progress>> {
        &self.progress
    }

    /// Reads the body to its end, so that it can be looked at and sent again. One that is longer than `limit`
    /// bytes, or than there is `room` for, passes as it would have without.
    ///
    /// # Errors
    /// Fails when the client breaks off.
    pub(crate) async fn hold(
        mut self,
        limit: u64,
        mut room: Reservation,
    ) -> Result<(Payload, Option<NotHeld>), UploadFailure> {
        if self.size_hint().lower() > limit {
            return Ok((Payload::Passing(self), Some(NotHeld::TooLarge)));
        }
        let mut read = Read::default();
        let mut length = 0_usize;
        while let Some(frame) = std::future::poll_fn(|cx| Pin::new(&mut self).poll_frame(cx)).await {
            let frame = frame.map_err(|error| UploadFailure::of(&error))?;
            let more = frame.data_ref().map_or(0, Bytes::len);
            read.push(frame);
            length = length.saturating_add(more);
            if length as u64 > limit {
                return Ok((self.begun(read.into_frames(), room), Some(NotHeld::TooLarge)));
            }
            if !room.grow(more) {
                return Ok((self.begun(read.into_frames(), room), Some(NotHeld::NoRoom)));
            }
        }
        let (bytes, trailers) = joined(read.into_frames(), length);
        let body = HeldBody { bytes, trailers, progress: self.progress, _room: Arc::new(room) };
        Ok((Payload::Held(body), None))
    }

    /// Puts back what was read of the body.
    fn begun(self, read: VecDeque<Frame<Bytes>>, room: Reservation) -> Payload {
        let frames = match self.frames {
            Frames::Live(rest) => Frames::Begun { read, rest, _room: room },
            frames => frames,
        };
        Payload::Passing(Self { frames, progress: self.progress })
    }
}

/// What was read of a body that is to be held.
#[derive(Default)]
struct Read {
    frames: VecDeque<Frame<Bytes>>,
    /// The bytes of small frames behind those.
    small: BytesMut,
}

impl Read {
    /// Takes the next frame; the first one stays as it came, since most bodies have no other.
    fn push(&mut self, frame: Frame<Bytes>) {
        let is_first = self.frames.is_empty();
        match frame.into_data() {
            Ok(data) if !is_first && data.len() < SMALL_FRAME => self.small.extend_from_slice(&data),
            Ok(data) => {
                self.close();
                self.frames.push_back(Frame::data(data));
            }
            Err(trailers) => {
                self.close();
                self.frames.push_back(trailers);
            }
        }
    }

    fn close(&mut self) {
        if !self.small.is_empty() {
            self.frames.push_back(Frame::data(std::mem::take(&mut self.small).freeze()));
        }
    }

    fn into_frames(mut self) -> VecDeque<Frame<Bytes>> {
        self.close();
        self.frames
    }
}

/// Joins the frames of a body; one of a single frame is not copied.
fn joined(frames: VecDeque<Frame<Bytes>>, length: usize) -> (Bytes, Option<HeaderMap>) {
    let (mut data, mut trailers) = (Vec::with_capacity(frames.len()), None);
    for frame in frames {
        match frame.into_data() {
            Ok(bytes) => data.push(bytes),
            Err(frame) => trailers = frame.into_trailers().ok(),
        }
    }
    if data.len() <= 1 {
        return (data.pop().unwrap_or_default(), trailers);
    }
    let mut whole = BytesMut::with_capacity(length);
    data.iter().for_each(|bytes| whole.extend_from_slice(bytes));
    (whole.freeze(), trailers)
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
            Frames::Begun { read, rest, .. } => match read.pop_front() {
                // It was copied when it was read.
                Some(frame) => return Poll::Ready(Some(Ok(frame))),
                None => rest,
            },
            Frames::Held { body, next } => return Poll::Ready(body.take(next).map(Ok)),
        };
        let polled = Pin::new(&mut *frames).poll_frame(cx);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                let mut progress = this.progress.lock();
                if let Some(data) = frame.data_ref() {
                    progress.take(data);
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
            Frames::Begun { read, rest, .. } => read.is_empty() && rest.is_end_stream(),
            Frames::Held { next, .. } => *next == Part::End,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.frames {
            Frames::Live(frames) => frames.size_hint(),
            Frames::Begun { read, rest, .. } => {
                let read: u64 = read.iter().filter_map(Frame::data_ref).map(|data| data.len() as u64).sum();
                let rest = rest.size_hint();
                let mut hint = SizeHint::new();
                hint.set_lower(rest.lower().saturating_add(read));
                if let Some(upper) = rest.upper() {
                    hint.set_upper(upper.saturating_add(read));
                }
                hint
            }
            // A body with an exact length has no place for trailers over HTTP/1.1.
            Frames::Held { body, .. } if body.trailers.is_some() => SizeHint::default(),
            Frames::Held { body, next: Part::Data } => SizeHint::with_exact(body.bytes.len() as u64),
            Frames::Held { .. } => SizeHint::with_exact(0),
        }
    }
}

impl HeldBody {
    /// Takes the next frame.
    fn take(&self, next: &mut Part) -> Option<Frame<Bytes>> {
        let (frame, after) = match *next {
            Part::Data if self.trailers.is_some() => (Frame::data(self.bytes.clone()), Part::Trailers),
            Part::Data => (Frame::data(self.bytes.clone()), Part::End),
            Part::Trailers => (Frame::trailers(self.trailers.clone()?), Part::End),
            Part::End => return None,
        };
        *next = after;
        Some(frame)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[&[u8]]) -> Read {
        let mut read = Read::default();
        pieces.iter().for_each(|piece| read.push(Frame::data(Bytes::copy_from_slice(piece))));
        read
    }

    #[test]
    fn small_frames_are_joined_and_no_byte_changes_its_place() {
        let large = [b'l'; SMALL_FRAME];
        for (pieces, frames) in [
            ([b"a".as_slice(); 100].as_slice(), 2),
            (&[b"a", &large, b"b", b"c", &large, b"d"], 5),
            (&[&large, &large], 2),
            (&[], 0),
        ] {
            let whole = pieces.concat();
            let read = read(pieces).into_frames();
            assert_eq!(read.len(), frames);
            assert_eq!(joined(read, whole.len()).0, whole);
        }
    }

    #[test]
    fn trailers_stay_behind_the_body() {
        let mut read = read(&[b"a", b"b"]);
        let trailers = HeaderMap::from_iter([(http::header::ETAG, http::HeaderValue::from_static("t"))]);
        read.push(Frame::trailers(trailers.clone()));
        assert_eq!(joined(read.into_frames(), 2), (Bytes::from_static(b"ab"), Some(trailers)));
    }
}
