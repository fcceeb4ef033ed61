//! Cutting an answer into its pieces while it comes in, whatever parts the bytes come in.

use super::Framing;
use super::elements::Elements;
use super::events::Events;
use crate::event_stream::Frames;
use crate::scanner::{Gatherer, MAX_RAW_BYTES, work};

/// How an event stream begins whose type doesn't say that it is one.
const FIRST_FIELDS: [&[u8]; 2] = [b"data:", b"event:"];

/// Cuts an answer into pieces of JSON. A long piece is condensed; an empty one is left out.
#[derive(Debug)]
pub(crate) struct Cutter {
    how: How,
    piece: Gatherer,
}

/// How pieces are cut, as far as that is known.
#[derive(Debug)]
enum How {
    /// Nothing but white space has come, or the beginning of what may be the name of a first field.
    Unknown { head: Vec<u8>, may_be_events: bool },
    /// An object; or lines, if the first one turns out to be one.
    FirstLine { last: u8, has_ended: bool },
    /// One object.
    Object,
    /// The elements of an array.
    Array(Elements),
    /// One object a line.
    Lines,
    /// The data of server-sent events.
    Events(Events),
    /// The payloads of AWS's frames.
    Frames(Box<Frames>),
    /// There is none, and nothing that follows changes that.
    Nothing,
}

impl Cutter {
    /// Returns a cutter at the beginning of an answer of this type.
    pub(crate) fn new(content_type: Option<&str>) -> Self {
        let how = match Framing::by_type(content_type) {
            Some(Framing::Events) => How::Events(Events::default()),
            Some(Framing::Frames) => How::Frames(Box::default()),
            Some(Framing::Lines) => How::Lines,
            _ => How::Unknown { head: Vec::new(), may_be_events: !Framing::is_json(content_type) },
        };
        Self { how, piece: Gatherer::new(MAX_RAW_BYTES) }
    }

    /// Returns how the answer is framed, as far as it has come; `None` for what is not made of JSON.
    pub(crate) fn framing(&self) -> Option<Framing> {
        match &self.how {
            How::Unknown { .. } | How::Nothing => None,
            How::FirstLine { .. } | How::Object => Some(Framing::Object),
            How::Array(_) => Some(Framing::Array),
            How::Lines => Some(Framing::Lines),
            How::Events(_) => Some(Framing::Events),
            How::Frames(_) => Some(Framing::Frames),
        }
    }

    /// Returns whether nothing that follows is a piece.
    pub(crate) fn is_over(&self) -> bool {
        match &self.how {
            How::Nothing => true,
            How::Array(elements) => elements.has_ended(),
            How::Frames(frames) => frames.is_over(),
            _ => false,
        }
    }

    /// Takes the next bytes and hands every piece that they complete to `each`.
    pub(crate) fn push(&mut self, bytes: &[u8], each: &mut dyn FnMut(&[u8])) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let piece = &mut self.piece;
            let (next, taken) = match &mut self.how {
                How::Unknown { head, may_be_events } => begin(head, may_be_events, rest, piece, each),
                How::FirstLine { last, has_ended } => first_line(last, has_ended, rest, piece, each),
                How::Object => (None, take(piece, rest)),
                How::Array(elements) => (None, elements.push(rest, piece, each)),
                How::Lines => (None, line(rest, piece, each)),
                How::Events(events) => (None, events.push(rest, piece, each)),
                How::Frames(frames) => {
                    frames.push(rest, each);
                    return;
                }
                How::Nothing => return,
            };
            work::count(taken);
            if let Some(next) = next {
                self.how = next;
            }
            rest = rest.get(taken..).unwrap_or_default();
        }
    }

    /// Takes the end of the answer, which ends what is still open.
    pub(crate) fn finish(&mut self, each: &mut dyn FnMut(&[u8])) {
        match &self.how {
            How::FirstLine { .. } | How::Object | How::Lines | How::Events(_) => self.piece.end(each),
            How::Unknown { .. } | How::Array(_) | How::Frames(_) | How::Nothing => self.piece.discard(),
        }
    }

    /// Returns whether a frame has told that the stream has failed.
    pub(crate) fn has_exception(&self) -> bool {
        matches!(&self.how, How::Frames(frames) if frames.has_exception())
    }

    /// Returns how much memory is held, in bytes.
    #[cfg(test)]
    pub(crate) fn held_bytes(&self) -> usize {
        let frames = if let How::Frames(frames) = &self.how { frames.held_bytes() } else { 0 };
        self.piece.held_bytes() + frames
    }
}

/// Gives all of `bytes` to the piece.
fn take(piece: &mut Gatherer, bytes: &[u8]) -> usize {
    piece.push(bytes);
    bytes.len()
}

/// Looks at how the answer begins; returns how it is cut, once that is known, and how many bytes were taken.
fn begin(
    head: &mut Vec<u8>,
    may_be_events: &mut bool,
    bytes: &[u8],
    piece: &mut Gatherer,
    each: &mut dyn FnMut(&[u8]),
) -> (Option<How>, usize) {
    let Some(&first) = bytes.first() else { return (None, 0) };
    if head.is_empty() && first.is_ascii_whitespace() {
        *may_be_events = false;
        return (None, 1);
    }
    if !*may_be_events || matches!(first, b'{' | b'[') && head.is_empty() {
        return match first {
            b'{' => (Some(How::FirstLine { last: 0, has_ended: false }), 0),
            b'[' => (Some(How::Array(Elements::default())), 0),
            _ => (Some(How::Nothing), bytes.len()),
        };
    }
    head.push(first);
    if FIRST_FIELDS.contains(&head.as_slice()) {
        let mut events = Events::default();
        events.push(head, piece, each);
        return (Some(How::Events(events)), 1);
    }
    let may_follow = FIRST_FIELDS.iter().any(|field| field.starts_with(head));
    ((!may_follow).then_some(How::Nothing), 1)
}

/// Looks for the end of the first line: one that ends an object and is followed by one that begins one makes lines,
/// which no JSON has.
fn first_line(
    last: &mut u8,
    has_ended: &mut bool,
    bytes: &[u8],
    piece: &mut Gatherer,
    each: &mut dyn FnMut(&[u8]),
) -> (Option<How>, usize) {
    if *has_ended {
        let Some(at) = bytes.iter().position(|byte| !byte.is_ascii_whitespace()) else {
            return (None, bytes.len());
        };
        if bytes.get(at) == Some(&b'{') {
            piece.end(each);
            return (Some(How::Lines), at);
        }
        // The end of the line, which is not valid inside of a text.
        piece.push(b"\n");
        return (Some(How::Object), at);
    }
    let end = memchr::memchr(b'\n', bytes);
    let line = bytes.get(..end.unwrap_or(bytes.len())).unwrap_or_default();
    piece.push(line);
    *last = line.iter().rfind(|byte| !byte.is_ascii_whitespace()).copied().unwrap_or(*last);
    if end.is_some() {
        *has_ended = true;
        if *last != b'}' {
            return (Some(How::Object), line.len());
        }
    }
    (None, line.len() + usize::from(end.is_some()))
}

/// Takes the bytes up to the end of a line.
fn line(bytes: &[u8], piece: &mut Gatherer, each: &mut dyn FnMut(&[u8])) -> usize {
    let end = memchr::memchr(b'\n', bytes);
    let line = bytes.get(..end.unwrap_or(bytes.len())).unwrap_or_default();
    piece.push(if piece.is_empty() { line.trim_ascii_start() } else { line });
    if end.is_some() {
        piece.end(each);
    }
    line.len() + usize::from(end.is_some())
}
