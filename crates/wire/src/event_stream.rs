//! The frames of AWS's event streams (`application/vnd.amazon.eventstream`).
//!
//! A frame is: its length, the length of its headers (both 32 bits, big-endian), the CRC-32 of these eight bytes,
//! headers, payload, and the CRC-32 of everything before. The headers only name the kind of event, which the
//! payload's members tell as well; they are not read.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Crc;
use memchr::memmem;
use serde::de::MapAccess;

use crate::json::{Scalar, Shape, read, skip};
use crate::scanner::{Gatherer, work};

/// The bytes before the headers: two lengths and their sum.
const PRELUDE_BYTES: usize = 12;
/// The bytes of a checksum.
const CHECKSUM_BYTES: usize = 4;
/// How many bytes of the headers are looked at.
const MAX_HEADER_BYTES: usize = 1 << 10;
/// Up to which length a payload is kept as it is, in bytes: the event inside can't be read from a part of it.
const MAX_PAYLOAD_BYTES: usize = 1 << 20;
/// The header that stands in the place of an event's type when the stream has failed.
const EXCEPTION: &[u8] = b":exception-type";

/// Cuts an event stream into the payloads of its frames, in whatever parts it comes.
///
/// A frame whose checksum is wrong is left out. It ends where no frame begins: what follows can't be told from noise.
#[derive(Debug)]
pub(crate) struct Frames {
    prelude: [u8; PRELUDE_BYTES],
    part: Part,
    /// How many bytes of the current part are still to come.
    left: usize,
    payload_bytes: usize,
    headers: Vec<u8>,
    sum: Crc,
    payload: Gatherer,
    has_exception: bool,
}

/// The parts of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Prelude,
    Headers,
    Payload,
    Sum,
    /// No frame begins here.
    Noise,
}

impl Default for Frames {
    fn default() -> Self {
        Self {
            prelude: [0; PRELUDE_BYTES],
            part: Part::Prelude,
            left: PRELUDE_BYTES,
            payload_bytes: 0,
            headers: Vec::new(),
            sum: Crc::new(),
            payload: Gatherer::new(MAX_PAYLOAD_BYTES),
            has_exception: false,
        }
    }
}

impl Frames {
    /// Takes the next bytes and hands what every frame that they complete says to `each`.
    pub(crate) fn push(&mut self, bytes: &[u8], each: &mut dyn FnMut(&[u8])) {
        let mut rest = bytes;
        while !rest.is_empty() && self.part != Part::Noise {
            let (now, later) = rest.split_at(self.left.min(rest.len()));
            rest = later;
            work::count(now.len());
            self.take(now);
            while self.left == 0 && self.part != Part::Noise {
                self.end_part(each);
            }
        }
    }

    /// Returns whether nothing more can be read.
    pub(crate) fn is_over(&self) -> bool {
        self.part == Part::Noise
    }

    /// Returns whether a frame has told that the stream has failed.
    pub(crate) fn has_exception(&self) -> bool {
        self.has_exception
    }

    /// Returns how much memory is held, in bytes.
    #[cfg(test)]
    pub(crate) fn held_bytes(&self) -> usize {
        self.headers.capacity() + self.payload.held_bytes()
    }

    /// Takes bytes of the current part.
    fn take(&mut self, bytes: &[u8]) {
        match self.part {
            Part::Prelude | Part::Sum => {
                let length = if self.part == Part::Sum { CHECKSUM_BYTES } else { PRELUDE_BYTES };
                let slots = self.prelude.get_mut(length - self.left..).into_iter().flatten();
                slots.zip(bytes).for_each(|(slot, byte)| *slot = *byte);
            }
            Part::Headers => {
                let room = MAX_HEADER_BYTES - self.headers.len();
                self.headers.extend(bytes.iter().take(room));
            }
            Part::Payload => self.payload.push(bytes),
            Part::Noise => {}
        }
        if self.part != Part::Sum {
            self.sum.update(bytes);
        }
        self.left -= bytes.len();
    }

    /// Goes on to the next part.
    fn end_part(&mut self, each: &mut dyn FnMut(&[u8])) {
        (self.part, self.left) = match self.part {
            Part::Prelude => match self.lengths() {
                Some((headers, payload)) => {
                    self.payload_bytes = payload;
                    (Part::Headers, headers)
                }
                None => (Part::Noise, 0),
            },
            Part::Headers => (Part::Payload, self.payload_bytes),
            Part::Payload => (Part::Sum, CHECKSUM_BYTES),
            Part::Sum | Part::Noise => {
                self.end_frame(each);
                (Part::Prelude, PRELUDE_BYTES)
            }
        };
    }

    /// Returns how long the headers and the payload are; `None` where this is no prelude.
    fn lengths(&self) -> Option<(usize, usize)> {
        let (lengths, _) = self.prelude.split_at_checked(PRELUDE_BYTES - CHECKSUM_BYTES)?;
        if number(&self.prelude, lengths.len())? != checksum(lengths) {
            return None;
        }
        let headers = usize::try_from(number(&self.prelude, 4)?).ok()?;
        let length = usize::try_from(number(&self.prelude, 0)?).ok()?;
        let payload = length.checked_sub(PRELUDE_BYTES + CHECKSUM_BYTES)?.checked_sub(headers)?;
        Some((headers, payload))
    }

    fn end_frame(&mut self, each: &mut dyn FnMut(&[u8])) {
        if number(&self.prelude, 0) == Some(self.sum.sum()) {
            self.has_exception |= memmem::find(&self.headers, EXCEPTION).is_some();
            self.payload.end(&mut |payload| each(&unwrapped(payload)));
        } else {
            self.payload.discard();
        }
        self.headers.clear();
        self.sum.reset();
    }
}

/// Hands what every undamaged frame of a whole event stream says to `each`.
pub fn each_frame(body: &[u8], each: &mut dyn FnMut(&[u8])) {
    Frames::default().push(body, each);
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let digits = bytes.get(at..)?.first_chunk::<4>()?;
    Some(u32::from_be_bytes(*digits))
}

fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// The event of a model inside a payload: `{"bytes":"<base64>"}`.
#[derive(Debug, Default)]
struct Chunk<'a>(Scalar<'a>);

impl<'de: 'a, 'a> Shape<'de> for Chunk<'a> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        if key == "bytes" {
            self.0 = map.next_value()?;
            return Ok(());
        }
        skip(map)
    }
}

/// Returns the event inside the payload, or the payload itself if it is one.
fn unwrapped(payload: &[u8]) -> Cow<'_, [u8]> {
    let chunk = read::<Chunk<'_>>(payload).unwrap_or_default();
    match chunk.0.text().map(|text| STANDARD.decode(text)) {
        Some(Ok(event)) => Cow::Owned(event),
        _ => Cow::Borrowed(payload),
    }
}

#[cfg(test)]
pub(crate) mod tests;
