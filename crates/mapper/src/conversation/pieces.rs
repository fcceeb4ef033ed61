//! The pieces of a streamed body, whole and in order: server-sent events, lines of JSON, or AWS's frames.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gatehouse_wire::{BodyView, SseDecoder};

use super::json::Json;

/// The bytes of a frame before its headers: two lengths and a checksum.
const PRELUDE_BYTES: usize = 12;
/// The bytes of the checksum behind a payload.
const CHECKSUM_BYTES: usize = 4;
/// Within how many bytes of comments the first event of a stream begins.
const COMMENT_BYTES: usize = 64 * 1024;
/// The header that stands in the place of an event's type when a stream has failed.
const EXCEPTION: &[u8] = b":exception-type";

/// How a body is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    Events,
    Lines,
    Frames,
}

/// Reads the pieces of a body with `read`; none when it is no stream.
pub(super) fn read(body: &BodyView<'_>, read: &dyn Fn(&[u8]) -> Option<Json>) -> Vec<Json> {
    let mut pieces = Vec::new();
    match framing(body) {
        Some(Framing::Events) => {
            let mut each = |event: gatehouse_wire::sse::SseEvent<'_>| pieces.extend(read(event.data));
            let mut decoder = SseDecoder::new(body.bytes.len());
            decoder.push(body.bytes.trim_ascii_start(), &mut each);
            decoder.finish(&mut each);
        }
        Some(Framing::Lines) => {
            pieces.extend(body.bytes.split(|byte| *byte == b'\n').filter_map(|line| read(line.trim_ascii())));
        }
        Some(Framing::Frames) => each_frame(body.bytes, &mut |frame| pieces.extend(of_frame(frame, read))),
        None => {}
    }
    pieces
}

/// Returns how a body is cut, by how it begins and, where that tells nothing, by its type.
fn framing(body: &BodyView<'_>) -> Option<Framing> {
    let bytes = body.bytes.trim_ascii_start();
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let content_type = body.content_type.unwrap_or_default().to_ascii_lowercase();
    let starts = |field: &[u8]| bytes.starts_with(field);
    let fields: [&[u8]; 4] = [b"data:", b"event:", b"id:", b"retry:"];
    // A stream may begin with a comment, as may many a text.
    let beginning = bytes.get(..COMMENT_BYTES).unwrap_or(bytes);
    let follows_data = || memchr::memmem::find(beginning, b"\ndata:").is_some();
    let is_commented = starts(b":") && (content_type.contains("event-stream") || follows_data());
    if is_commented || fields.iter().any(|field| starts(field)) {
        return Some(Framing::Events);
    }
    if body.bytes.get(PRELUDE_BYTES + 1) == Some(&b':') && frame(body.bytes).is_some() {
        return Some(Framing::Frames);
    }
    (starts(b"{") && is_lines(bytes)).then_some(Framing::Lines)
}

/// Returns whether a line that ends an object is followed by one that begins one, which no JSON has.
fn is_lines(body: &[u8]) -> bool {
    let Some(end) = memchr::memchr(b'\n', body) else { return false };
    let (line, rest) = body.split_at(end);
    line.trim_ascii_end().ends_with(b"}") && rest.trim_ascii_start().starts_with(b"{")
}

/// A frame of an event stream: its headers and its payload.
#[derive(Clone, Copy)]
struct Frame<'a> {
    headers: &'a [u8],
    payload: &'a [u8],
}

/// Hands every whole frame to `each`.
fn each_frame(body: &[u8], each: &mut dyn FnMut(Frame<'_>)) {
    let mut rest = body;
    while let Some((frame, after)) = frame(rest) {
        each(frame);
        rest = after;
    }
}

/// Splits the first frame off.
fn frame(bytes: &[u8]) -> Option<(Frame<'_>, &[u8])> {
    let (frame, after) = bytes.split_at_checked(number(bytes, 0)?)?;
    let inner = frame.get(PRELUDE_BYTES..frame.len().checked_sub(CHECKSUM_BYTES)?)?;
    let (headers, payload) = inner.split_at_checked(number(bytes, 4)?)?;
    Some((Frame { headers, payload }, after))
}

fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let digits = bytes.get(at..)?.first_chunk::<4>()?;
    usize::try_from(u32::from_be_bytes(*digits)).ok()
}

/// Reads what a frame says: the event of a model inside it, or the frame's own. An exception becomes an error.
fn of_frame(frame: Frame<'_>, read: &dyn Fn(&[u8]) -> Option<Json>) -> Option<Json> {
    let payload = read(frame.payload)?;
    if memchr::memmem::find(frame.headers, EXCEPTION).is_some() {
        return Some(Json::object([("type", "error".into()), ("error", payload)]));
    }
    let inner = payload.get("bytes").text().and_then(|text| STANDARD.decode(text).ok());
    match inner {
        Some(event) => read(&event),
        None => Some(payload),
    }
}
