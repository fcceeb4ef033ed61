//! Whether a stream has said its last word, watched while it passes.
//!
//! Many clients close as soon as they have read the terminal event, before the last chunk of the
//! transfer coding arrives: that is success, not a cancelled call. [`TerminalWatch`] looks at the raw
//! bytes and gives the same answer for every way they are split. Of server-sent events it keeps the first
//! bytes of the current line and nothing else, of an array nothing, of lines and frames the current one.

mod pieces;

use gatehouse_types::Dialect;
use memchr::{memchr2, memmem};

use self::pieces::{Closing, LastPiece};
use crate::decode::{MAX_DECODED_BYTES, decode_each};
use crate::framing::Framing;

/// How many bytes of a line are kept: enough for a field name, a space and the longest terminal type.
const LINE_PREFIX_BYTES: usize = 64;
/// The JSON key that only Google's last chunk carries.
const FINISH_REASON: &[u8] = b"\"finishReason\"";

/// The event types after which nothing follows.
const TERMINAL_TYPES: [&[u8]; 8] = [
    b"message_stop",
    b"response.completed",
    b"response.failed",
    b"response.incomplete",
    b"error",
    b"message-end",
    b"transcript.text.done",
    b"speech.audio.done",
];

/// Those of them that tell of a failure.
const FAILURE_TYPES: [&[u8]; 2] = [b"response.failed", b"error"];
/// Watches the bytes of one streamed answer, which is not in a content encoding, for its end.
///
/// Of server-sent events terminal are: `data: [DONE]`, an event of one of the terminal types (named by its
/// `event:` field or by `"type"` as the first key of its data), data whose first key is `"error"` with an object,
/// and for Google the chunk with `finishReason` (or the `]` that ends an array after it). The event counts when
/// its data line has ended.
///
/// Of lines it is the one that says that it is the last, of AWS's frames the one with the counts or an exception,
/// of an array its last bracket.
#[derive(Debug)]
pub struct TerminalWatch(Watch);

#[derive(Debug)]
enum Watch {
    Events(EventWatch),
    Pieces(LastPiece),
    Array(Closing),
}

impl TerminalWatch {
    /// Returns a watch at the beginning of a stream of events of `dialect`.
    pub fn new(dialect: Dialect) -> Self {
        Self(Watch::Events(EventWatch::new(dialect)))
    }

    /// Returns a watch at the beginning of an answer of this type; `None` for one whose type knows no end.
    pub fn of_answer(dialect: Dialect, content_type: Option<&str>) -> Option<Self> {
        Some(Self(match Framing::by_type(content_type) {
            Some(Framing::Events) => Watch::Events(EventWatch::new(dialect)),
            Some(framing) => Watch::Pieces(LastPiece::new(framing, content_type)),
            // Google streams JSON unless it is asked for events.
            None if dialect == Dialect::Google && Framing::is_json(content_type) => {
                Watch::Array(Closing::default())
            }
            None => return None,
        }))
    }

    /// Looks at the next bytes of the body.
    pub fn push(&mut self, chunk: &[u8]) {
        match &mut self.0 {
            Watch::Events(events) => events.push(chunk),
            Watch::Pieces(pieces) => pieces.push(chunk),
            Watch::Array(array) => array.push(chunk),
        }
    }

    /// Returns whether the terminal event has been seen whole.
    pub fn is_terminal(&self) -> bool {
        match &self.0 {
            Watch::Events(events) => events.terminal,
            Watch::Pieces(pieces) => pieces.is_terminal(),
            Watch::Array(array) => array.has_ended(),
        }
    }

    /// Returns whether the stream tells that it has failed.
    fn is_failure(&self) -> bool {
        match &self.0 {
            Watch::Events(events) => events.failure,
            Watch::Pieces(pieces) => pieces.is_failure(),
            Watch::Array(_) => false,
        }
    }

    /// Takes the end of the body as the end of its last line, as lenient readers do.
    fn finish(&mut self) {
        match &mut self.0 {
            Watch::Events(events) => events.finish(),
            Watch::Pieces(pieces) => pieces.finish(),
            Watch::Array(_) => {}
        }
    }
}

/// Watches server-sent events.
#[derive(Debug)]
struct EventWatch {
    line: [u8; LINE_PREFIX_BYTES],
    /// How many bytes of `line` are filled.
    kept: usize,
    /// Whether the current event's `event:` field names a terminal type.
    named_terminal: bool,
    /// Whether that type tells of a failure.
    named_failure: bool,
    /// Whether the line before ended with a carriage return, so that a line feed belongs to it.
    after_carriage_return: bool,
    /// The watch for Google's last chunk.
    finish_reason: Option<FinishReason>,
    terminal: bool,
    failure: bool,
}

/// Looks for [`FINISH_REASON`] across chunk boundaries.
#[derive(Clone, Debug, Default)]
struct FinishReason {
    /// How many bytes at the end of what has passed are a beginning of the key.
    matched: usize,
    /// Whether the key was in the current line.
    in_line: bool,
    /// Whether the key was in any line so far.
    seen: bool,
}

impl EventWatch {
    fn new(dialect: Dialect) -> Self {
        Self {
            line: [0; LINE_PREFIX_BYTES],
            kept: 0,
            named_terminal: false,
            named_failure: false,
            after_carriage_return: false,
            finish_reason: (dialect == Dialect::Google).then(FinishReason::default),
            terminal: false,
            failure: false,
        }
    }

    fn push(&mut self, chunk: &[u8]) {
        let mut rest = chunk;
        while !self.terminal && !rest.is_empty() {
            let end = memchr2(b'\n', b'\r', rest);
            let (line, tail) = rest.split_at(end.unwrap_or(rest.len()));
            self.extend_line(line);
            let Some((&terminator, tail)) = tail.split_first() else { break };
            self.end_line(terminator);
            rest = tail;
        }
    }

    fn finish(&mut self) {
        if self.kept > 0 && !self.terminal {
            self.end_line(b'\n');
        }
    }

    fn extend_line(&mut self, part: &[u8]) {
        if part.is_empty() {
            return;
        }
        self.after_carriage_return = false;
        let starts_line = self.kept == 0;
        if let Some(free) = self.line.get_mut(self.kept..) {
            let taken = free.len().min(part.len());
            free.iter_mut().zip(part).for_each(|(slot, byte)| *slot = *byte);
            self.kept += taken;
        }
        if let Some(finish_reason) = &mut self.finish_reason {
            // A stream that is one JSON array ends with a bracket at the beginning of a line.
            self.terminal = starts_line && finish_reason.seen && part.first() == Some(&b']');
            finish_reason.push(part);
        }
    }

    fn end_line(&mut self, terminator: u8) {
        let line_feed_of_pair = self.after_carriage_return && terminator == b'\n';
        self.after_carriage_return = terminator == b'\r';
        if line_feed_of_pair {
            return;
        }
        let line = self.line.get(..self.kept).unwrap_or_default();
        if line.is_empty() {
            self.named_terminal = false;
            self.named_failure = false;
        } else if let Some(data) = field(line, b"data:") {
            let has_finish_reason = self.finish_reason.as_ref().is_some_and(|watch| watch.in_line);
            self.terminal = self.named_terminal || has_finish_reason || is_terminal_data(data);
            self.failure = self.terminal && (self.named_failure || is_failure_data(data));
        } else if let Some(name) = field(line, b"event:") {
            self.named_terminal = TERMINAL_TYPES.contains(&name.trim_ascii());
            self.named_failure = FAILURE_TYPES.contains(&name.trim_ascii());
        }
        self.kept = 0;
        if let Some(watch) = &mut self.finish_reason {
            watch.in_line = false;
            watch.matched = 0;
        }
    }
}

impl FinishReason {
    fn push(&mut self, part: &[u8]) {
        if self.in_line {
            return;
        }
        // Finish a key torn by the boundary before this part; the key's only quotes are its first and
        // last byte, so that a failed match can begin anew only at a quote.
        let mut rest = part;
        while self.matched > 0 {
            let Some((&byte, tail)) = rest.split_first() else { return };
            if FINISH_REASON.get(self.matched) != Some(&byte) {
                self.matched = 0;
                break;
            }
            self.matched += 1;
            rest = tail;
            if self.matched == FINISH_REASON.len() {
                return self.found();
            }
        }
        if memmem::find(rest, FINISH_REASON).is_some() {
            return self.found();
        }
        let tail = rest.get(rest.len().saturating_sub(FINISH_REASON.len() - 1)..).unwrap_or_default();
        self.matched = (1..=tail.len())
            .rev()
            .find(|&n| tail.ends_with(FINISH_REASON.get(..n).unwrap_or_default()))
            .unwrap_or(0);
    }

    fn found(&mut self) {
        self.matched = 0;
        self.in_line = true;
        self.seen = true;
    }
}

/// Returns whether a captured body of a stream, perhaps cut, ends with or holds its terminal event.
///
/// The body may be in a content encoding; a body that can't be decoded up to the event has none.
pub fn ends_with_terminal(
    dialect: Dialect,
    content_type: Option<&str>,
    content_encoding: Option<&str>,
    body: &[u8],
) -> bool {
    watched(dialect, content_type, content_encoding, body).is_terminal()
}

/// Returns whether a whole body of a stream tells that the answer has failed on its way, whatever its status.
///
/// The body may be in a content encoding; one that can't be decoded tells nothing.
pub fn ends_in_failure(
    dialect: Dialect,
    content_type: Option<&str>,
    content_encoding: Option<&str>,
    body: &[u8],
) -> bool {
    watched(dialect, content_type, content_encoding, body).is_failure()
}

/// Returns a watch that has seen the body, up to its terminal event.
fn watched(
    dialect: Dialect,
    content_type: Option<&str>,
    content_encoding: Option<&str>,
    body: &[u8],
) -> TerminalWatch {
    let watch = TerminalWatch::of_answer(dialect, content_type);
    let mut watch = watch.unwrap_or_else(|| TerminalWatch::new(dialect));
    decode_each(content_encoding, body, MAX_DECODED_BYTES, &mut |part| {
        watch.push(part);
        !watch.is_terminal()
    });
    watch.finish();
    watch
}

/// The value of a line of the given field, without the one space that may precede it.
fn field<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    let value = line.strip_prefix(name)?;
    Some(value.strip_prefix(b" ").unwrap_or(value))
}

/// Whether the beginning of a data line is that of a terminal event.
fn is_terminal_data(data: &[u8]) -> bool {
    let data = data.trim_ascii();
    if data == b"[DONE]" {
        return true;
    }
    let Some(object) = data.strip_prefix(b"{") else { return false };
    if let Some(value) = member(object, b"\"type\"") {
        return TERMINAL_TYPES.iter().any(|name| is_string(value, name));
    }
    member(object, b"\"error\"").is_some_and(|value| value.starts_with(b"{"))
}

/// Whether the beginning of a terminal event's data is that of a failure.
fn is_failure_data(data: &[u8]) -> bool {
    let Some(object) = data.trim_ascii().strip_prefix(b"{") else { return false };
    match member(object, b"\"type\"") {
        Some(value) => FAILURE_TYPES.iter().any(|name| is_string(value, name)),
        None => member(object, b"\"error\"").is_some_and(|value| value.starts_with(b"{")),
    }
}

/// Whether a member's value begins with this string.
fn is_string(value: &[u8], text: &[u8]) -> bool {
    let rest = value.strip_prefix(b"\"").and_then(|value| value.strip_prefix(text));
    rest.is_some_and(|rest| rest.starts_with(b"\""))
}

/// What follows `key` and its colon, if `object` begins with it.
fn member<'a>(object: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let value = object.trim_ascii_start().strip_prefix(key)?;
    Some(value.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start())
}

#[cfg(test)]
mod tests;
