//! How an answer is cut into pieces of JSON: not at all, or in one of the ways that providers stream.

mod cutter;
mod elements;
mod events;

use crate::observe::BodyView;

pub(crate) use cutter::Cutter;
pub(crate) use elements::Elements;

/// How the pieces of an answer follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// One object.
    Object,
    /// The elements of an array, as Google streams them.
    Array,
    /// One object a line.
    Lines,
    /// Server-sent events.
    Events,
    /// AWS's event stream.
    Frames,
}

impl Framing {
    /// Returns how a stream is framed whose type says that it is one.
    pub(crate) fn by_type(content_type: Option<&str>) -> Option<Self> {
        let is = |part: &[u8]| has_part(content_type, part);
        if is(b"event-stream") {
            return Some(Self::Events);
        }
        if is(b"amazon.eventstream") {
            return Some(Self::Frames);
        }
        (is(b"stream+json") || is(b"ndjson")).then_some(Self::Lines)
    }

    /// Returns whether the type says that a body is JSON.
    pub(crate) fn is_json(content_type: Option<&str>) -> bool {
        has_part(content_type, b"json")
    }

    /// Returns whether `body` was streamed: lines may as well be those of a file, unless their type says otherwise.
    pub(crate) fn is_streamed(body: &BodyView<'_>) -> bool {
        let begins_with = |field: &[u8]| body.bytes.starts_with(field);
        let begins_as_events = || begins_with(b"data:") || begins_with(b"event:");
        Self::by_type(body.content_type).is_some() || !Self::is_json(body.content_type) && begins_as_events()
    }

    /// Returns whether the pieces come one by one.
    pub(crate) fn is_stream(self) -> bool {
        self != Self::Object
    }
}

/// Returns whether a type has `part` in it, whatever the case of its letters.
fn has_part(content_type: Option<&str>, part: &[u8]) -> bool {
    let content_type = content_type.unwrap_or_default().as_bytes();
    content_type.windows(part.len()).any(|window| window.eq_ignore_ascii_case(part))
}

#[cfg(test)]
mod tests;
