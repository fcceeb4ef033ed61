//! The pieces of an answer: one body, or what a stream is made of.

use gatehouse_wire::{BodyView, SseDecoder, each_frame};
use serde::{Deserialize, Serialize};

use super::tree::{MAX_BODY_BYTES, Node};

/// How long a stream may be that is read.
pub const MAX_STREAM_BYTES: usize = 8 * MAX_BODY_BYTES;
/// How many pieces it may have.
pub const MAX_PIECES: usize = 100_000;

/// How the pieces of a stream follow each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Framing {
    /// Server-sent events.
    #[default]
    Sse,
    /// One object a line.
    Ndjson,
    /// The elements of an array.
    Array,
    /// The frames of AWS's event streams.
    Aws,
}

/// One piece of a stream.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Piece {
    /// The name of the event, if it has one.
    pub event: Option<String>,
    /// What it says.
    pub node: Node,
}

/// A streamed answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stream {
    /// Its pieces of JSON, in order.
    pub pieces: Vec<Piece>,
    /// What the last piece says, if that is no JSON.
    pub done: Option<String>,
    /// Whether only the beginning is known.
    pub is_cut: bool,
    /// Whether pieces are missing, because they are damaged or too large.
    pub is_damaged: bool,
}

/// What an array is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArrayIs {
    /// One value.
    Value,
    /// A stream of its elements.
    Stream,
}

/// An answer as it can be read.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// One value.
    Whole(Node),
    /// Many pieces.
    Streamed(Framing, Stream),
}

/// Returns the answer; `None` when it is not made of JSON, cut, or goes beyond a bound.
pub fn answer_of(body: &BodyView<'_>, array_is: ArrayIs) -> Option<Answer> {
    let framing =
        framing_of(body).or((is_array(body) && array_is == ArrayIs::Stream).then_some(Framing::Array));
    let Some(framing) = framing else {
        let node = if body.truncated { None } else { Node::parse(body.bytes) };
        return node.filter(|node| matches!(node, Node::List(_) | Node::Object(_))).map(Answer::Whole);
    };
    if body.bytes.len() > MAX_STREAM_BYTES {
        return None;
    }
    let mut stream = Stream { is_cut: body.truncated, ..Stream::default() };
    stream.read(framing, body.bytes);
    Some(Answer::Streamed(framing, stream))
}

/// Returns whether a body is an array of more than one object, as only streams, and lists of choices, are.
pub fn is_array_of_objects(body: &BodyView<'_>) -> bool {
    let mut objects = 0;
    if is_array(body) && body.bytes.len() <= MAX_STREAM_BYTES {
        each_element(body.bytes, &mut |piece| objects += usize::from(piece.starts_with(b"{")));
    }
    objects > 1
}

fn is_array(body: &BodyView<'_>) -> bool {
    framing_of(body).is_none() && body.bytes.trim_ascii_start().starts_with(b"[")
}

/// Returns how a body is framed by its type or, if that tells nothing, by how it begins; `None` for one piece.
fn framing_of(body: &BodyView<'_>) -> Option<Framing> {
    let kind = body.content_type.unwrap_or_default().to_ascii_lowercase();
    let is = |part: &str| kind.contains(part);
    if is("amazon.eventstream") {
        return Some(Framing::Aws);
    }
    if is("event-stream") {
        return Some(Framing::Sse);
    }
    if is("stream+json") || is("ndjson") || is("jsonl") || is("json-lines") {
        return Some(Framing::Ndjson);
    }
    let bytes = body.bytes.trim_ascii_start();
    if [b"data:".as_slice(), b"event:", b"id:", b":"].iter().any(|field| bytes.starts_with(field)) {
        return Some(Framing::Sse);
    }
    is_lines(bytes).then_some(Framing::Ndjson)
}

/// Whether a line that ends an object is followed by one that begins one, which no JSON has.
fn is_lines(bytes: &[u8]) -> bool {
    let mut lines = bytes.splitn(2, |byte| *byte == b'\n');
    let (Some(line), Some(rest)) = (lines.next(), lines.next()) else { return false };
    let line = line.trim_ascii_end();
    line.starts_with(b"{") && line.ends_with(b"}") && rest.trim_ascii_start().starts_with(b"{")
}

/// Hands every element of the array that `body` begins with to `each`, as far as they are whole.
fn each_element(body: &[u8], each: &mut dyn FnMut(&[u8])) {
    let (mut depth, mut start) = (0_usize, 0_usize);
    let (mut in_text, mut escaped) = (false, false);
    for (at, byte) in body.iter().enumerate() {
        if in_text {
            in_text = escaped || *byte != b'"';
            escaped = !escaped && *byte == b'\\';
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
                depth = depth.saturating_sub(1);
            }
            _ => {}
        }
    }
}

impl Stream {
    /// Returns the stream of one piece.
    pub fn of_one(node: Node) -> Self {
        Self { pieces: vec![Piece { event: None, node }], ..Self::default() }
    }

    /// Returns whether pieces are missing, for whatever reason.
    pub fn is_partial(&self) -> bool {
        self.is_cut || self.is_damaged
    }

    fn read(&mut self, framing: Framing, bytes: &[u8]) {
        match framing {
            Framing::Sse => {
                let mut decoder = SseDecoder::new(MAX_BODY_BYTES);
                let mut each = |event: gatehouse_wire::sse::SseEvent<'_>| self.add(event.name, event.data);
                decoder.push(bytes, &mut each);
                let skipped = decoder.skipped_events();
                decoder.finish(&mut each);
                self.is_damaged |= skipped > 0;
            }
            Framing::Ndjson => bytes.split(|byte| *byte == b'\n').for_each(|line| self.add(b"", line)),
            Framing::Array => each_element(bytes, &mut |piece| self.add(b"", piece)),
            Framing::Aws => each_frame(bytes, &mut |piece| self.add(b"", piece)),
        }
    }

    fn add(&mut self, event: &[u8], data: &[u8]) {
        let data = data.trim_ascii();
        if self.pieces.len() >= MAX_PIECES {
            self.is_damaged = true;
            return;
        }
        if let Some(node) = Node::parse(data) {
            let event = String::from_utf8_lossy(event).into_owned();
            self.pieces.push(Piece { event: Some(event).filter(|name| !name.is_empty()), node });
            self.done = None;
            return;
        }
        // The usual `[DONE]` looks like a list, and is none.
        let is_closed_word = data.len() <= 16 && data.ends_with(b"]");
        self.is_damaged |= data.starts_with(b"{") || (data.starts_with(b"[") && !is_closed_word);
        if data.len() <= 64 && !data.is_empty() {
            self.done = Some(String::from_utf8_lossy(data).into_owned());
        }
    }
}

#[cfg(test)]
mod tests;
