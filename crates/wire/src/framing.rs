//! How an answer is cut into pieces of JSON: not at all, or in one of the ways that providers stream.

use crate::event_stream::each_payload;
use crate::observe::BodyView;
use crate::sse::SseDecoder;

/// How the pieces of an answer follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
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
    /// Returns how `body` is framed by its type or, if that tells nothing, by how it begins; `None` for what is
    /// not made of JSON.
    pub fn of(body: &BodyView<'_>) -> Option<Self> {
        if let Some(framing) = Self::by_type(body) {
            return Some(framing);
        }
        let starts = |field: &[u8]| body.bytes.starts_with(field);
        if !is_of_type(body, b"json") && (starts(b"data:") || starts(b"event:")) {
            return Some(Self::Events);
        }
        match body.bytes.trim_ascii_start().first() {
            Some(b'{') if is_lines(body.bytes.trim_ascii_start()) => Some(Self::Lines),
            Some(b'{') => Some(Self::Object),
            Some(b'[') => Some(Self::Array),
            _ => None,
        }
    }

    /// Returns how a stream is framed whose type says that it is one.
    fn by_type(body: &BodyView<'_>) -> Option<Self> {
        let is = |part: &[u8]| is_of_type(body, part);
        if is(b"event-stream") {
            return Some(Self::Events);
        }
        if is(b"amazon.eventstream") {
            return Some(Self::Frames);
        }
        (is(b"stream+json") || is(b"ndjson")).then_some(Self::Lines)
    }

    /// Returns whether `body` was streamed: lines may as well be those of a file, unless their type says otherwise.
    pub(crate) fn is_streamed(body: &BodyView<'_>) -> bool {
        Self::of(body).is_some_and(|framing| framing == Self::Events || Self::by_type(body) == Some(framing))
    }

    /// Returns whether the pieces come one by one.
    pub(crate) fn is_stream(self) -> bool {
        self != Self::Object
    }

    /// Hands every piece of `body` to `each`; a piece may be cut or no JSON at all.
    pub fn each_piece(self, body: &[u8], each: &mut dyn FnMut(&[u8])) {
        match self {
            Self::Object => each(body),
            Self::Array => each_element(body, each),
            Self::Lines => body.split(|byte| *byte == b'\n').for_each(|line| {
                let line = line.trim_ascii();
                if !line.is_empty() {
                    each(line);
                }
            }),
            Self::Events => {
                let mut event = |event: crate::sse::SseEvent<'_>| each(event.data);
                let mut decoder = SseDecoder::new(body.len());
                decoder.push(body, &mut event);
                decoder.finish(&mut event);
            }
            Self::Frames => each_payload(body, each),
        }
    }
}

/// Whether a line that ends an object is followed by one that begins one, which no JSON has.
fn is_lines(body: &[u8]) -> bool {
    let Some(end) = memchr::memchr(b'\n', body) else { return false };
    let (line, rest) = body.split_at(end);
    line.trim_ascii_end().ends_with(b"}") && rest.trim_ascii_start().starts_with(b"{")
}

/// Hands every element of the array that `body` begins with to `each`, as far as they are whole objects.
fn each_element(body: &[u8], each: &mut dyn FnMut(&[u8])) {
    let (mut depth, mut start) = (0_usize, 0_usize);
    let (mut in_text, mut escaped) = (false, false);
    for (at, byte) in body.iter().enumerate() {
        if in_text {
            let ends = !escaped && *byte == b'"';
            escaped = !escaped && *byte == b'\\';
            in_text = !ends;
            continue;
        }
        match byte {
            b'"' => in_text = true,
            b'{' | b'[' => {
                depth += 1;
                if depth == 2 {
                    start = at;
                }
            }
            b'}' | b']' => {
                if depth == 2 {
                    each(body.get(start..=at).unwrap_or_default());
                }
                let Some(outer) = depth.checked_sub(1).filter(|outer| *outer > 0) else { return };
                depth = outer;
            }
            _ => {}
        }
    }
}

/// Returns whether the type of `body` has `part` in it, whatever the case of its letters.
fn is_of_type(body: &BodyView<'_>, part: &[u8]) -> bool {
    let content_type = body.content_type.unwrap_or_default().as_bytes();
    content_type.windows(part.len()).any(|window| window.eq_ignore_ascii_case(part))
}

#[cfg(test)]
mod tests;
