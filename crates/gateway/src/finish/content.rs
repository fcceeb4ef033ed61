//! The headers that are needed to read a body.

use gatehouse_types::Body;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderName};

use crate::headers;

/// The headers that are needed to read a body.
#[derive(Default)]
pub(super) struct Content {
    pub(super) content_type: Option<String>,
    pub(super) encoding: Option<String>,
    pub(super) is_stream: bool,
}

impl Content {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let text = |name: HeaderName| headers.get(name).map(headers::text);
        let content_type = text(CONTENT_TYPE);
        let is_stream = content_type.as_deref().is_some_and(is_stream_type);
        Self { content_type, encoding: text(CONTENT_ENCODING), is_stream }
    }

    pub(super) fn is_event_stream(&self) -> bool {
        let is_named = |kind: &str| kind.to_ascii_lowercase().contains("text/event-stream");
        self.content_type.as_deref().is_some_and(is_named)
    }

    pub(super) fn is_encoded(&self) -> bool {
        self.encoding.as_deref().is_some_and(|encoding| !encoding.trim().eq_ignore_ascii_case("identity"))
    }

    pub(super) fn describe(self, body: Body) -> Body {
        Body { content_type: self.content_type, content_encoding: self.encoding, ..body }
    }
}

/// Media types of answers that come piece by piece.
fn is_stream_type(content_type: &str) -> bool {
    let kind = content_type.to_ascii_lowercase();
    ["text/event-stream", "stream+json", "x-ndjson", "vnd.amazon.eventstream"]
        .iter()
        .any(|stream| kind.contains(stream))
}
