//! The ends of streams that are no server-sent events: of lines, of AWS's frames, of an array.

use memchr::memmem;
use serde::de::MapAccess;

use crate::framing::{Cutter, Elements, Framing};
use crate::json::{Scalar, Shape, read, skip};

/// What stands somewhere in a last line, or in one that tells of a failure.
const SIGNS_OF_LAST_LINE: [&[u8]; 3] = [b"true", b"stream-end", b"\"error\""];
/// What stands somewhere in the payload of a last frame.
const SIGNS_OF_LAST_FRAME: [&[u8]; 2] = [b"invocationMetrics\"", b"\"metrics\""];

/// Looks for the last line or frame.
#[derive(Debug)]
pub(super) struct LastPiece {
    cutter: Cutter,
    signs: &'static [&'static [u8]],
    end: Option<End>,
}

/// How a stream ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Whole,
    Failed,
}

impl LastPiece {
    /// Returns a watch at the beginning of an answer of this type, framed so.
    pub(super) fn new(framing: Framing, content_type: Option<&str>) -> Self {
        let signs: &[&[u8]] =
            if framing == Framing::Frames { &SIGNS_OF_LAST_FRAME } else { &SIGNS_OF_LAST_LINE };
        Self { cutter: Cutter::new(content_type), signs, end: None }
    }

    pub(super) fn push(&mut self, chunk: &[u8]) {
        if self.end.is_none() {
            let (signs, end) = (self.signs, &mut self.end);
            self.cutter.push(chunk, &mut |piece| *end = end.or_else(|| end_of(piece, signs)));
            if self.cutter.has_exception() {
                self.end = Some(End::Failed);
            }
        }
    }

    /// Takes the end of the body as that of the last line.
    pub(super) fn finish(&mut self) {
        let (signs, end) = (self.signs, &mut self.end);
        self.cutter.finish(&mut |piece| *end = end.or_else(|| end_of(piece, signs)));
    }

    pub(super) fn is_terminal(&self) -> bool {
        self.end.is_some()
    }

    pub(super) fn is_failure(&self) -> bool {
        self.end == Some(End::Failed)
    }
}

/// Returns how the stream ends with this piece, if it does.
fn end_of(piece: &[u8], signs: &[&[u8]]) -> Option<End> {
    signs.iter().find(|sign| memmem::find(piece, sign).is_some())?;
    let word = read::<Word<'_>>(piece)?;
    if word.has_error {
        return Some(End::Failed);
    }
    let is_last = word.done.bool() == Some(true)
        || word.is_finished.bool() == Some(true)
        || word.event_type.text() == Some("stream-end")
        || word.has_invocation_metrics
        || word.has_metrics && word.has_usage;
    is_last.then_some(End::Whole)
}

/// The members of a line or a payload that tell whether it is the last one.
#[derive(Debug, Default)]
struct Word<'a> {
    /// Of Ollama's lines.
    done: Scalar<'a>,
    /// Of the lines of Cohere's first version.
    is_finished: Scalar<'a>,
    event_type: Scalar<'a>,
    has_error: bool,
    /// Of the last event of a model at Bedrock, whichever it is.
    has_invocation_metrics: bool,
    /// Both of the event that ends a conversation at Bedrock.
    has_metrics: bool,
    has_usage: bool,
}

impl<'de: 'a, 'a> Shape<'de> for Word<'a> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "done" => self.done = map.next_value()?,
            "is_finished" => self.is_finished = map.next_value()?,
            "event_type" => self.event_type = map.next_value()?,
            "error" => self.has_error = map.next_value::<Scalar<'de>>()? != Scalar::Null,
            "amazon-bedrock-invocationMetrics" => {
                self.has_invocation_metrics = true;
                skip(map)?;
            }
            "metrics" => {
                self.has_metrics = true;
                skip(map)?;
            }
            "usage" => {
                self.has_usage = true;
                skip(map)?;
            }
            _ => skip(map)?,
        }
        Ok(())
    }
}

/// Looks for the bracket that ends an array.
#[derive(Debug, Default)]
pub(super) struct Closing {
    /// Whether the body is an array, once that is known.
    is_array: Option<bool>,
    elements: Elements,
}

impl Closing {
    pub(super) fn push(&mut self, chunk: &[u8]) {
        let first = || chunk.trim_ascii_start().first().map(|first| *first == b'[');
        self.is_array = self.is_array.or_else(first);
        if self.is_array == Some(true) {
            self.elements.pass(chunk);
        }
    }

    pub(super) fn has_ended(&self) -> bool {
        self.elements.has_ended()
    }
}
