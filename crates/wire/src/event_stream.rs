//! The frames of AWS's event streams (`application/vnd.amazon.eventstream`).
//!
//! A frame is: its length, the length of its headers (both 32 bits, big-endian), the CRC-32 of these eight bytes,
//! headers, payload, and the CRC-32 of everything before. The headers only name the kind of event, which the
//! payload's members tell as well; they are not read.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Crc;
use serde::de::MapAccess;

use crate::json::{Scalar, Shape, read, skip};

/// The bytes before the headers: two lengths and their sum.
const PRELUDE_BYTES: usize = 12;
/// The bytes of a checksum.
const CHECKSUM_BYTES: usize = 4;

/// Hands the payload of every frame of `body` to `each`, a frame whose checksum is wrong left out.
///
/// It ends where no frame begins, or where one is cut: what follows can't be told from noise.
pub(crate) fn each_payload(body: &[u8], each: &mut dyn FnMut(&[u8])) {
    let mut rest = body;
    while let Some((payload, after)) = frame(rest) {
        if let Some(payload) = payload {
            each(&unwrapped(payload));
        }
        rest = after;
    }
}

/// Splits the first frame off: its payload, if that is undamaged, and what follows it.
fn frame(bytes: &[u8]) -> Option<(Option<&[u8]>, &[u8])> {
    let (lengths, _) = bytes.split_at_checked(PRELUDE_BYTES - CHECKSUM_BYTES)?;
    if number(bytes, lengths.len())? != checksum(lengths) {
        return None;
    }
    let length = usize::try_from(number(bytes, 0)?).ok()?;
    let headers = usize::try_from(number(bytes, 4)?).ok()?;
    let (frame, after) = bytes.split_at_checked(length)?;
    let (summed, sum) = frame.split_at_checked(length.checked_sub(CHECKSUM_BYTES)?)?;
    let payload = summed.get(PRELUDE_BYTES.checked_add(headers)?..)?;
    let is_whole = number(sum, 0)? == checksum(summed);
    Some((is_whole.then_some(payload), after))
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
