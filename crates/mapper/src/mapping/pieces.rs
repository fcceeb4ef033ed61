//! The pieces of an answer: one body, or what a stream is made of.

use gatehouse_wire::framing::{self, Framing as Cut};
use gatehouse_wire::{BodyView, SseDecoder};
use serde::{Deserialize, Serialize};

use super::tree::{MAX_BODY_BYTES, Node};

/// How long a stream may be that is read.
pub const MAX_STREAM_BYTES: usize = 16 * MAX_BODY_BYTES;

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
    /// Whether pieces are missing: because they are too large, damaged, or the stream was cut.
    pub is_partial: bool,
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
pub fn answer_of(body: &BodyView<'_>) -> Option<Answer> {
    let framing = match Cut::of(body)? {
        Cut::Object => return whole(body),
        Cut::Array if !is_stream_of_objects(body) => return whole(body),
        Cut::Array => Framing::Array,
        Cut::Lines => Framing::Ndjson,
        Cut::Events => Framing::Sse,
        Cut::Frames => Framing::Aws,
    };
    stream_of(framing, body).map(|stream| Answer::Streamed(framing, stream))
}

fn whole(body: &BodyView<'_>) -> Option<Answer> {
    if body.truncated {
        return None;
    }
    Node::parse(body.bytes).map(Answer::Whole)
}

/// Whether an array has more than one object: one is no stream, nor are strings and numbers.
fn is_stream_of_objects(body: &BodyView<'_>) -> bool {
    let mut objects = 0;
    if body.bytes.len() <= MAX_STREAM_BYTES {
        Cut::Array.each_piece(body.bytes, &mut |piece| objects += usize::from(piece.starts_with(b"{")));
    }
    objects > 1
}

fn stream_of(framing: Framing, body: &BodyView<'_>) -> Option<Stream> {
    if body.bytes.len() > MAX_STREAM_BYTES {
        return None;
    }
    let mut stream = Stream { is_partial: body.truncated, ..Stream::default() };
    match framing {
        Framing::Sse => {
            let mut decoder = SseDecoder::new(MAX_BODY_BYTES);
            let mut each = |event: gatehouse_wire::sse::SseEvent<'_>| stream.add(event.name, event.data);
            decoder.push(body.bytes, &mut each);
            let skipped = decoder.skipped_events();
            decoder.finish(&mut each);
            stream.is_partial |= skipped > 0;
        }
        Framing::Ndjson => cut(framing::Framing::Lines, body.bytes, &mut stream),
        Framing::Array => cut(framing::Framing::Array, body.bytes, &mut stream),
        Framing::Aws => cut(framing::Framing::Frames, body.bytes, &mut stream),
    }
    Some(stream)
}

fn cut(cut: Cut, bytes: &[u8], stream: &mut Stream) {
    cut.each_piece(bytes, &mut |piece| stream.add(b"", piece));
}

impl Stream {
    fn add(&mut self, event: &[u8], data: &[u8]) {
        let data = data.trim_ascii();
        if let Some(node) = Node::parse(data) {
            let event = String::from_utf8_lossy(event).into_owned();
            self.pieces.push(Piece { event: Some(event).filter(|name| !name.is_empty()), node });
            self.done = None;
            return;
        }
        let looks_like_json = data.first().is_some_and(|byte| matches!(byte, b'{' | b'['));
        // The usual `[DONE]` looks like a list, and is none.
        self.is_partial |= looks_like_json && data.len() > 16;
        if data.len() <= 64 && !data.is_empty() {
            self.done = Some(String::from_utf8_lossy(data).into_owned());
        }
    }
}

#[cfg(test)]
mod tests;
