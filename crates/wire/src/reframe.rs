//! Cutting a stream of server-sent events between its events: `Helicone-Stream-Force-Format`.
//!
//! Some clients decode every read on its own and lose what a read cuts in two. A [`Reframer`] gives whole
//! events on, however the provider's bytes arrive. It changes no byte and loses none.

use bytes::{Bytes, BytesMut};
use memchr::memchr2;

/// How long an event may get before it is passed on as it comes, in bytes.
pub const MOST_HELD_BYTES: usize = 1 << 20;

/// Takes the bytes of a stream as they come and gives them on as whole events.
///
/// # Invariants
/// What was given on, followed by what [`Reframer::finish`] returns, is what was taken, byte for byte.
#[derive(Debug, Default)]
pub struct Reframer {
    /// The beginning of an event whose end has not come.
    held: BytesMut,
    /// Whether the event is longer than the bound, and passed on as it comes.
    is_oversized: bool,
    ends: Ends,
}

impl Reframer {
    /// Returns a reframer at the beginning of a stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes and returns what can be given on: up to three pieces, each of which is one or more
    /// whole events, the blank line at their end included. Of an event of more than [`MOST_HELD_BYTES`] the
    /// pieces are what there is.
    pub fn push(&mut self, bytes: Bytes) -> Vec<Bytes> {
        let mut pieces = Vec::new();
        let mut rest = bytes;
        if let Some((first, last)) = self.ends.find(&rest) {
            self.is_oversized = false;
            let mut whole = rest.split_to(last);
            if !self.held.is_empty() {
                self.held.extend_from_slice(&whole.split_to(first));
                pieces.push(self.held.split().freeze());
            }
            pieces.push(whole);
        }
        self.held.extend_from_slice(&rest);
        self.is_oversized |= self.held.len() > MOST_HELD_BYTES;
        if self.is_oversized {
            pieces.push(self.held.split().freeze());
        }
        pieces.retain(|piece| !piece.is_empty());
        pieces
    }

    /// Takes the end of the stream and returns what is left of it: the beginning of an event.
    pub fn finish(self) -> Option<Bytes> {
        (!self.held.is_empty()).then(|| self.held.freeze())
    }
}

/// How a line ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum LineEnd {
    #[default]
    LineFeed,
    CarriageReturn,
    Both,
}

/// Finds where events end: behind a blank line. Lines end with LF, CR or both.
#[derive(Debug, Default)]
struct Ends {
    /// Whether anything stands on the line so far.
    has_text: bool,
    /// How the last line ended, as far as is known.
    line_end: LineEnd,
    /// Whether a line feed would belong to the carriage return before it.
    after_carriage_return: bool,
    /// Whether the event ends as soon as that is known.
    is_due: bool,
}

impl Ends {
    /// Takes the next bytes and returns the first and the last place at which an event ends.
    fn find(&mut self, bytes: &[u8]) -> Option<(usize, usize)> {
        let mut found: Option<(usize, usize)> = None;
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let mut ends_here = false;
            if std::mem::take(&mut self.after_carriage_return) {
                let is_both = rest.first() == Some(&b'\n');
                ends_here = std::mem::take(&mut self.is_due);
                if is_both {
                    self.line_end = LineEnd::Both;
                    at += 1;
                }
                if is_both || ends_here {
                    found = note(found, at, ends_here);
                    continue;
                }
            }
            let Some(length) = memchr2(b'\n', b'\r', rest) else {
                self.has_text = true;
                break;
            };
            let is_return = rest.get(length) == Some(&b'\r');
            at += length + 1;
            let is_blank = !std::mem::take(&mut self.has_text) && length == 0;
            if is_blank {
                // Where lines end with both, the second half of this end is still to come.
                self.is_due = is_return && self.line_end == LineEnd::Both;
                ends_here |= !self.is_due;
            }
            self.after_carriage_return = is_return;
            self.line_end = if is_return { LineEnd::CarriageReturn } else { LineEnd::LineFeed };
            found = note(found, at, ends_here);
        }
        found
    }
}

/// Adds a place to the first and the last one.
fn note(found: Option<(usize, usize)>, at: usize, ends_here: bool) -> Option<(usize, usize)> {
    if ends_here { Some((found.map_or(at, |(first, _)| first), at)) } else { found }
}

#[cfg(test)]
mod tests;
