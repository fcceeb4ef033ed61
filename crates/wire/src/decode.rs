//! Undoing the content encoding of a captured body.
//!
//! Captured bodies may be cut (the cap, a vanished client), so that what could be decoded is worth as
//! much as the whole: every function here yields the decodable beginning and says how it ended.

mod gzip;
mod layer;

use std::borrow::Cow;

use self::layer::{Layer, State};
use crate::scanner::work;

/// How many decoded bytes [`crate::ends_with_terminal`] looks at before it gives up.
pub(crate) const MAX_DECODED_BYTES: usize = 32 << 20;
/// How many encodings may lie over each other; real bodies have one.
const MAX_LAYERS: usize = 4;
/// How much is decoded at a time.
const STEP_BYTES: usize = 16 << 10;

/// How decoding ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The whole body was decoded.
    Whole,
    /// The input ended or was damaged before the body did.
    Cut,
    /// The output reached its cap.
    Capped,
    /// An encoding is not known; nothing was decoded.
    Unsupported,
}

/// A body without its content encoding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// What could be decoded; the body itself when it was not encoded or its encoding is not known.
    pub bytes: Cow<'a, [u8]>,
    /// How decoding ended.
    pub ending: Ending,
}

/// Decodes `body` from `content_encoding`, the header's value, into at most `max_bytes` bytes.
///
/// Understood are gzip, deflate (with and without zlib's frame), br, zstd, identity, and lists of them.
/// A body in no encoding is borrowed and only shortened to the cap.
pub fn decode<'a>(content_encoding: Option<&str>, body: &'a [u8], max_bytes: usize) -> Decoded<'a> {
    if layers(content_encoding).next().is_none() {
        let ending = if body.len() > max_bytes { Ending::Capped } else { Ending::Whole };
        return Decoded { bytes: Cow::Borrowed(body.get(..max_bytes).unwrap_or(body)), ending };
    }
    let mut decoded = Vec::new();
    let ending = decode_each(content_encoding, body, max_bytes, &mut |part| {
        decoded.extend_from_slice(part);
        true
    });
    let bytes = if ending == Ending::Unsupported { Cow::Borrowed(body) } else { Cow::Owned(decoded) };
    Decoded { bytes, ending }
}

/// Decodes as [`decode`] does and hands every decoded part to `each`, until it returns `false`.
pub(crate) fn decode_each(
    content_encoding: Option<&str>,
    body: &[u8],
    max_bytes: usize,
    each: &mut dyn FnMut(&[u8]) -> bool,
) -> Ending {
    let Some(mut decoder) = Decoder::new(content_encoding) else { return Ending::Unsupported };
    let mut left = max_bytes;
    let is_all = decoder.push(body, &mut |part| {
        let fitting = part.get(..left).unwrap_or(part);
        left -= fitting.len();
        each(fitting) && fitting.len() == part.len()
    });
    if is_all { decoder.ending() } else { Ending::Capped }
}

/// Undoes the encodings of a body as it comes: the bytes in any split go in, decoded bytes come out.
///
/// It holds a window for each encoding, and no more output than one step gives.
pub(crate) struct Decoder {
    /// The encodings from the last to the first.
    stages: Vec<Stage>,
}

/// One encoding, and where it stands.
struct Stage {
    layer: Layer,
    state: State,
    output: Vec<u8>,
}

impl Decoder {
    /// Returns a decoder at the beginning of a body; `None` when an encoding is not known.
    pub(crate) fn new(content_encoding: Option<&str>) -> Option<Self> {
        if layers(content_encoding).count() > MAX_LAYERS {
            return None;
        }
        let stage = |name| Some(Stage { layer: Layer::of(name)?, state: State::Between, output: Vec::new() });
        Some(Self { stages: layers(content_encoding).rev().map(stage).collect::<Option<_>>()? })
    }

    /// Returns a decoder as [`new`](Self::new) does, if there is anything to decode.
    pub(crate) fn of_encoded(content_encoding: Option<&str>) -> Option<Self> {
        Self::new(content_encoding).filter(|decoder| !decoder.stages.is_empty())
    }

    /// Takes the next bytes and hands what they decode to to `each`, until it returns `false`; returns whether it
    /// never did.
    pub(crate) fn push(&mut self, bytes: &[u8], each: &mut dyn FnMut(&[u8]) -> bool) -> bool {
        run(&mut self.stages, bytes, each)
    }

    /// Returns how decoding ends if nothing follows.
    pub(crate) fn ending(&self) -> Ending {
        let is_whole = |stage: &Stage| matches!(stage.state, State::Between | State::Ended);
        if self.stages.iter().all(is_whole) { Ending::Whole } else { Ending::Cut }
    }
}

/// Decodes `input` by the first stage, what comes out of it by the next one, and so on.
fn run(stages: &mut [Stage], input: &[u8], each: &mut dyn FnMut(&[u8]) -> bool) -> bool {
    let Some((stage, inner)) = stages.split_first_mut() else { return input.is_empty() || each(input) };
    let mut rest = input;
    stage.output.resize(STEP_BYTES, 0);
    while matches!(stage.state, State::Between | State::Within) {
        let step = stage.layer.step(rest, &mut stage.output);
        work::count(step.read + step.written);
        if step.read > 0 || step.written > 0 || step.state == State::Damaged {
            stage.state = step.state;
        }
        rest = rest.get(step.read..).unwrap_or_default();
        if !run(inner, stage.output.get(..step.written).unwrap_or_default(), each) {
            return false;
        }
        if step.read == 0 && step.written == 0 {
            break;
        }
    }
    true
}

/// The encodings of a body in the order they were applied; `identity` is none.
fn layers(content_encoding: Option<&str>) -> impl DoubleEndedIterator<Item = &str> {
    content_encoding
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case("identity"))
}

#[cfg(test)]
pub(crate) mod encode;
#[cfg(test)]
mod tests;
