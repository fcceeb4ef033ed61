//! The format of a segment file, version 1. All numbers are little-endian.
//!
//! A file is named by its base, the position of its first record: `00000000000000004096.seg`.
//! It begins with two equal copies of a 64-byte header, so that a damaged sector byte does not cost the segment:
//! magic 8, version u32, zero u32, key u64, base u64, previous end u64, span u64, first sequence u64, CRC32C u32, zero u32.
//! Records follow without gaps: magic 4, length u32, CRC32C of the frame u32, CRC32C of the payload u32, payload.
//!
//! The checksum of a frame covers the journal's secret key, the record's position and its length; the payload's
//! checksum continues it. Thus neither stale bytes nor a payload that imitates a record pass for one when a reader
//! looks for the next record behind a damaged one.

use bytes::Bytes;

use crate::Position;

/// The bytes before the first record of a segment.
pub(crate) const HEADER_BYTES: u64 = 128;
/// The bytes before the payload of a record.
pub(crate) const FRAME_BYTES: usize = 16;
/// The newest format.
pub(crate) const VERSION: u32 = 1;

const COPY_BYTES: usize = 64;
const SEGMENT_MAGIC: [u8; 8] = *b"GHJRNL\r\n";
const RECORD_MAGIC: [u8; 4] = [0xF5, 0x9E, b'R', 0x01];

/// What the file of a segment says about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    /// The secret of the journal, the same in all its segments.
    pub(crate) key: u64,
    pub(crate) base: Position,
    /// Where the segment before this one ends; what its file has beyond is void.
    pub(crate) previous_end: Position,
    /// No record of this segment was ever given a position of `base + span` or more.
    pub(crate) span: u64,
    /// How many records the journal had been given before this segment.
    pub(crate) first_sequence: u64,
}

/// Why a header was not understood.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum HeaderError {
    Damaged,
    Version(u32),
}

impl Header {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut copy = Vec::with_capacity(COPY_BYTES);
        copy.extend_from_slice(&SEGMENT_MAGIC);
        copy.extend_from_slice(&u64::from(VERSION).to_le_bytes());
        let numbers =
            [self.key, self.base.as_u64(), self.previous_end.as_u64(), self.span, self.first_sequence];
        for number in numbers {
            copy.extend_from_slice(&number.to_le_bytes());
        }
        let checksum = crc32c::crc32c(&copy);
        copy.extend_from_slice(&u64::from(checksum).to_le_bytes());
        copy.repeat(2)
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, HeaderError> {
        let first = bytes.get(..COPY_BYTES).map_or(Err(HeaderError::Damaged), Self::decode_copy);
        if first != Err(HeaderError::Damaged) {
            return first;
        }
        bytes.get(COPY_BYTES..).map_or(Err(HeaderError::Damaged), Self::decode_copy)
    }

    fn decode_copy(copy: &[u8]) -> Result<Self, HeaderError> {
        let mut numbers = copy.chunks_exact(8).map(|number| number.try_into().map_or(0, u64::from_le_bytes));
        let mut next = || numbers.next().ok_or(HeaderError::Damaged);
        let magic = next()?;
        let version = u32::try_from(next()?).map_err(|_| HeaderError::Damaged)?;
        let header = Self {
            key: next()?,
            base: Position::from_u64(next()?),
            previous_end: Position::from_u64(next()?),
            span: next()?,
            first_sequence: next()?,
        };
        let covered = copy.get(..COPY_BYTES - 8).ok_or(HeaderError::Damaged)?;
        if magic.to_le_bytes() != SEGMENT_MAGIC || next()? != u64::from(crc32c::crc32c(covered)) {
            return Err(HeaderError::Damaged);
        }
        if version != VERSION {
            return Err(HeaderError::Version(version));
        }
        Ok(header)
    }
}

/// Returns the name of the segment with this base.
pub(crate) fn file_name(base: Position) -> String {
    format!("{:020}.seg", base.as_u64())
}

/// Returns the base of the segment in the file with this name, if it is one.
pub(crate) fn base_of(file_name: &str) -> Option<Position> {
    let digits = file_name.strip_suffix(".seg")?;
    (digits.len() == 20 && digits.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| digits.parse().ok())
        .flatten()
}

/// Returns what stands before the payload of a record.
pub(crate) fn frame(key: u64, position: Position, length: u32, parts: &[Bytes]) -> [u8; FRAME_BYTES] {
    let head = head_checksum(key, position, length);
    let body = parts.iter().fold(head, |checksum, part| crc32c::crc32c_append(checksum, part));
    let mut frame = [0; FRAME_BYTES];
    let words = [RECORD_MAGIC, length.to_le_bytes(), head.to_le_bytes(), body.to_le_bytes()];
    for (place, word) in frame.chunks_exact_mut(4).zip(words) {
        place.copy_from_slice(&word);
    }
    frame
}

/// A frame whose own checksum is right: its length can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) length: u32,
    head: u32,
    body: u32,
}

impl Frame {
    /// Returns the frame at the start of `bytes` if there is one that belongs to this position.
    pub(crate) fn parse(key: u64, position: Position, bytes: &[u8]) -> Option<Self> {
        let (words, _) = bytes.get(..FRAME_BYTES)?.as_chunks::<4>();
        let [magic, length, head, body] = words else { return None };
        let [length, head, body] = [length, head, body].map(|word| u32::from_le_bytes(*word));
        let intact = *magic == RECORD_MAGIC && head == head_checksum(key, position, length);
        intact.then_some(Self { length, head, body })
    }

    /// Says whether this is the payload that the frame was made for.
    pub(crate) fn fits(&self, payload: &[u8]) -> bool {
        crc32c::crc32c_append(self.head, payload) == self.body
    }

    pub(crate) fn record_bytes(&self) -> usize {
        FRAME_BYTES.saturating_add(self.length as usize)
    }
}

/// Returns where the next record may begin in `bytes`.
pub(crate) fn find_record(bytes: &[u8]) -> Option<usize> {
    bytes.windows(RECORD_MAGIC.len()).position(|window| window == RECORD_MAGIC)
}

fn head_checksum(key: u64, position: Position, length: u32) -> u32 {
    let checksum = crc32c::crc32c(&key.to_le_bytes());
    let checksum = crc32c::crc32c_append(checksum, &position.as_u64().to_le_bytes());
    crc32c::crc32c_append(checksum, &length.to_le_bytes())
}

#[cfg(test)]
mod tests;
