//! Reading an answer while it passes: bytes in any split go in, what they say comes out at the end.
//!
//! The same for every split, for answers streamed or not, compressed or not, whole or cut. What is held of an
//! answer, however long it is, is one piece of it at most (an event, a line, the one object that it is), and of a
//! long piece only what matters; each byte is looked at a constant number of times.

mod condenser;
mod gatherer;
mod reading;
mod request;
pub(crate) mod work;

use gatehouse_types::{Dialect, Observed};

use self::reading::Reading;
use crate::decode::{Decoder, Ending};
use crate::facts::Facts;
use crate::framing::{Cutter, Framing};
use crate::observe::Structure;

pub(crate) use gatherer::{Gatherer, MAX_RAW_BYTES};
pub use request::{RequestScanner, ScannedRequest};

/// How many bytes a compressed answer may become in any case.
const MAX_DECODED_BYTES: u64 = 64 << 20;
/// How many bytes more it may become for each of its own, so that a bomb takes no more work than it costs to send:
/// streams repeat themselves, and become some ten to thirty.
const MAX_DECODED_PER_BYTE: u64 = 64;

/// Reads one answer while it passes.
pub struct AnswerScanner {
    /// `None` where there is no encoding, or one that can't be undone: the bytes are read as they are.
    decoder: Option<Decoder>,
    cutter: Cutter,
    reading: Reading,
    /// How many bytes the answer may still become.
    decodable_bytes: u64,
    /// Whether it would have become more.
    is_capped: bool,
}

/// What an answer says.
#[derive(Debug)]
pub struct ScannedAnswer {
    /// How it is made, and what it says; `None` where it is not made of JSON, or only the beginning of an object.
    pub(crate) said: Option<(Structure, Facts)>,
    /// Whether its end is missing.
    pub(crate) is_cut: bool,
}

impl AnswerScanner {
    /// Returns a scanner at the beginning of the answer to a call of this dialect; its type and encoding are the
    /// values of its headers.
    pub fn new(dialect: Dialect, content_type: Option<&str>, content_encoding: Option<&str>) -> Self {
        Self {
            decoder: Decoder::of_encoded(content_encoding),
            cutter: Cutter::new(content_type),
            reading: Reading::new(dialect, Framing::by_type(content_type) == Some(Framing::Frames)),
            decodable_bytes: MAX_DECODED_BYTES,
            is_capped: false,
        }
    }

    /// Takes the next bytes as they came over the wire.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.is_over() {
            return;
        }
        let Self { decoder, cutter, reading, decodable_bytes, is_capped } = self;
        let Some(decoder) = decoder else {
            cutter.push(bytes, &mut |piece| reading.take(piece));
            return;
        };
        *decodable_bytes += MAX_DECODED_PER_BYTE * bytes.len() as u64;
        decoder.push(bytes, &mut |part| {
            *decodable_bytes = decodable_bytes.saturating_sub(part.len() as u64);
            *is_capped = *decodable_bytes == 0;
            cutter.push(part, &mut |piece| reading.take(piece));
            !*is_capped && !cutter.is_over()
        });
    }

    /// Returns whether nothing that follows can change what the answer says: it is not made of JSON, or that has
    /// ended.
    pub fn is_over(&self) -> bool {
        self.is_capped || self.cutter.is_over()
    }

    /// Takes the end of the answer, of which nothing is missing if it `is_whole`.
    pub fn finish(self, is_whole: bool) -> ScannedAnswer {
        let Self { decoder, mut cutter, mut reading, is_capped, .. } = self;
        let is_decoded = cutter.is_over() || decoder.is_none_or(|decoder| decoder.ending() == Ending::Whole);
        let is_cut = !is_whole || is_capped || !is_decoded;
        let said =
            cutter.framing().filter(|framing| *framing != Framing::Object || !is_cut).and_then(|framing| {
                cutter.finish(&mut |piece| reading.take(piece));
                reading.finish(framing)
            });
        ScannedAnswer { said, is_cut }
    }

    /// Returns how much memory is held, the windows of encodings left out, in bytes.
    #[cfg(test)]
    fn held_bytes(&self) -> usize {
        self.cutter.held_bytes() + self.reading.held_bytes()
    }
}

impl ScannedAnswer {
    /// Writes down what the answer says; returns how it is made.
    pub(crate) fn tell(self, observed: &mut Observed) -> Option<Structure> {
        let (structure, facts) = self.said?;
        facts.tell(observed);
        Some(structure)
    }
}

#[cfg(test)]
mod tests;
