//! The answer to a client: its marks and its body.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use gatehouse_types::RequestId;
use http::StatusCode;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use http_body::{Body, Frame, SizeHint};

use crate::cache::Replay;
use crate::local::LocalBody;
use crate::relay::{Relay, RelayError};

const HELICONE_ID: HeaderName = HeaderName::from_static("helicone-id");
const HELICONE_STATUS: HeaderName = HeaderName::from_static("helicone-status");
/// The length of a UUID's hyphenated form.
const UUID_CHARS: usize = 36;

/// Marks an answer with the call's id and whether it succeeded.
pub(crate) fn mark(headers: &mut HeaderMap, request_id: RequestId, status: StatusCode) {
    let mut buffer = [0; UUID_CHARS];
    let text: &str = request_id.as_uuid().hyphenated().encode_lower(&mut buffer);
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.insert(HELICONE_ID, value);
    }
    let success = status.is_success() || status.is_redirection() || status.is_informational();
    let value = if success { "success" } else { "failed" };
    headers.insert(HELICONE_STATUS, HeaderValue::from_static(value));
}

/// The body of an answer to a client.
pub(crate) enum ReplyBody {
    /// A message of our own, until it has been taken; or nothing.
    Whole(Option<Bytes>),
    /// Nothing, in a form that lets `Content-Length` stand: a 304 says with it how long the body would be.
    NotModified,
    /// The provider's frames.
    Relayed(Box<Relay>),
    /// An answer out of the cache.
    Replayed(Box<Replay>),
    /// What the REST API answers.
    Local(LocalBody),
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
            Self::Replayed(replay) => replay.poll(cx),
            Self::Local(body) => body.as_mut().poll_frame(cx).map_err(RelayError::Local),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_none(),
            // Where it is known to have ended, hyper drops a `Content-Length` that is not 0.
            Self::NotModified => false,
            Self::Relayed(relay) => relay.is_over(),
            Self::Replayed(replay) => replay.is_over(),
            Self::Local(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, Bytes::len) as u64),
            Self::NotModified => SizeHint::default(),
            Self::Relayed(relay) => relay.size_hint(),
            // Its framing is the one it had: a length stands in its head, or nowhere.
            Self::Replayed(_) => SizeHint::default(),
            Self::Local(body) => body.size_hint(),
        }
    }
}
