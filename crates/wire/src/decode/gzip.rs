//! Gzip's members, one after the other: a head, deflate, and the sum and length of what it held.

use flate2::{Crc, Decompress};

use super::layer::{State, Step, inflate};

/// The first three bytes of every member: gzip's own two, and deflate.
const MAGIC: [u8; 3] = [0x1f, 0x8b, 8];
/// The bytes of a head that every member has.
const FIXED_BYTES: usize = 10;
/// Where in them the flags stand.
const FLAGS_AT: usize = 3;
const HAS_SUM: u8 = 2;
const HAS_EXTRA: u8 = 4;
const HAS_NAME: u8 = 8;
const HAS_COMMENT: u8 = 16;

/// A decoder of gzip.
pub(super) struct Gzip {
    part: Part,
    flags: u8,
    inflater: Decompress,
    sum: Crc,
    trailer: [u8; 8],
}

/// The part of a member that is being read, and how much of it was.
#[derive(Clone, Copy)]
enum Part {
    Fixed(usize),
    ExtraLength(Option<u8>),
    Extra(u16),
    Name,
    Comment,
    Sum(usize),
    Deflated,
    Trailer(usize),
}

impl Default for Gzip {
    fn default() -> Self {
        Self {
            part: Part::Fixed(0),
            flags: 0,
            inflater: Decompress::new(false),
            sum: Crc::new(),
            trailer: [0; 8],
        }
    }
}

impl Gzip {
    /// Decodes some of `input` into `output`.
    pub(super) fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        if matches!(self.part, Part::Deflated) {
            return self.inflate(input, output);
        }
        let mut read = 0;
        for byte in input {
            read += 1;
            let Some(part) = self.after(*byte) else {
                return Step { read, written: 0, state: State::Damaged };
            };
            self.part = part;
            if matches!(part, Part::Deflated) {
                break;
            }
        }
        Step { read, written: 0, state: self.state() }
    }

    fn state(&self) -> State {
        if matches!(self.part, Part::Fixed(0)) { State::Between } else { State::Within }
    }

    fn inflate(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        let step = inflate(&mut self.inflater, input, output);
        self.sum.update(output.get(..step.written).unwrap_or_default());
        if step.state != State::Ended {
            return step;
        }
        self.part = Part::Trailer(0);
        Step { state: State::Within, ..step }
    }

    /// Takes a byte of a head or a trailer; `None` when it can't stand there.
    fn after(&mut self, byte: u8) -> Option<Part> {
        Some(match self.part {
            Part::Fixed(at) => {
                if MAGIC.get(at).is_some_and(|expected| *expected != byte) {
                    return None;
                }
                if at == FLAGS_AT {
                    self.flags = byte;
                }
                if at + 1 < FIXED_BYTES { Part::Fixed(at + 1) } else { self.after_head(self.part) }
            }
            Part::ExtraLength(None) => Part::ExtraLength(Some(byte)),
            Part::ExtraLength(Some(low)) => match u16::from_le_bytes([low, byte]) {
                0 => self.after_head(self.part),
                length => Part::Extra(length),
            },
            Part::Extra(1) => self.after_head(self.part),
            Part::Extra(left) => Part::Extra(left.saturating_sub(1)),
            Part::Name if byte == 0 => self.after_head(self.part),
            Part::Comment if byte == 0 => self.after_head(self.part),
            Part::Sum(0) => Part::Sum(1),
            Part::Sum(_) => Part::Deflated,
            Part::Trailer(at) => {
                *self.trailer.get_mut(at)? = byte;
                if at + 1 < self.trailer.len() { Part::Trailer(at + 1) } else { self.ended()? }
            }
            part @ (Part::Name | Part::Comment | Part::Deflated) => part,
        })
    }

    /// Returns the part that follows `part` of the head; those whose flag is not set are left out.
    fn after_head(&self, part: Part) -> Part {
        let (flag, next) = match part {
            Part::Fixed(_) => (HAS_EXTRA, Part::ExtraLength(None)),
            Part::ExtraLength(_) | Part::Extra(_) => (HAS_NAME, Part::Name),
            Part::Name => (HAS_COMMENT, Part::Comment),
            Part::Comment => (HAS_SUM, Part::Sum(0)),
            Part::Sum(_) | Part::Deflated | Part::Trailer(_) => return Part::Deflated,
        };
        if self.flags & flag != 0 { next } else { self.after_head(next) }
    }

    /// Ends a member, if its sum and length are right.
    fn ended(&mut self) -> Option<Part> {
        let (sum, length) = self.trailer.split_first_chunk::<4>()?;
        let is_right = u32::from_le_bytes(*sum) == self.sum.sum()
            && u32::from_le_bytes(*length.first_chunk()?) == self.sum.amount();
        if !is_right {
            return None;
        }
        self.inflater.reset(false);
        self.sum.reset();
        Some(Part::Fixed(0))
    }
}
