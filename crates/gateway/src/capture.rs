//! A bounded copy of a body as it passes.

use bytes::Bytes;
use gatehouse_types::{Body, BodyState};

/// What is kept of a body that turned out longer than the cap: enough to see what it was.
const KEPT_OF_LONG_BODY: usize = 64 << 10;
/// The size of a first segment; later ones double up to the largest.
const FIRST_SEGMENT: usize = 1 << 10;
const LARGEST_SEGMENT: usize = 256 << 10;

/// Copies the bytes of one body, up to a cap.
///
/// # Invariants
/// Never holds more than the cap and one segment. A body longer than the cap is cut to its beginning at
/// once, so that large transfers cost no memory.
#[derive(Debug)]
pub(crate) struct Capture {
    full: Vec<Bytes>,
    filling: Vec<u8>,
    kept: usize,
    cap: usize,
    wire_bytes: u64,
    overflowed: bool,
}

impl Capture {
    /// Returns an empty copy; `expected` is the body's announced length, where there is one.
    pub(crate) fn new(cap: u64, expected: Option<u64>) -> Self {
        let cap = usize::try_from(cap).unwrap_or(usize::MAX);
        let mut capture =
            Self { full: Vec::new(), filling: Vec::new(), kept: 0, cap, wire_bytes: 0, overflowed: false };
        match expected {
            Some(length) if length > cap as u64 => capture.overflow(),
            Some(length) => {
                let length = usize::try_from(length).unwrap_or(LARGEST_SEGMENT);
                capture.filling.reserve_exact(length.min(LARGEST_SEGMENT));
            }
            None => {}
        }
        capture
    }

    /// Takes the next bytes of the body.
    pub(crate) fn push(&mut self, chunk: &[u8]) {
        self.wire_bytes += chunk.len() as u64;
        if !self.overflowed && self.kept + chunk.len() > self.cap {
            self.overflow();
        }
        let room = self.cap.saturating_sub(self.kept);
        let mut rest = chunk.get(..room.min(chunk.len())).unwrap_or(chunk);
        self.kept += rest.len();
        while !rest.is_empty() {
            if self.filling.len() == self.filling.capacity() {
                self.next_segment(rest.len());
            }
            let fits = rest.len().min(self.filling.capacity() - self.filling.len());
            let (now, later) = rest.split_at(fits);
            self.filling.extend_from_slice(now);
            rest = later;
        }
    }

    /// Returns the copied bytes as a body of the record.
    pub(crate) fn into_body(mut self) -> Body {
        self.close_segment();
        let state = match (self.wire_bytes, self.overflowed) {
            (0, _) => BodyState::Empty,
            (_, true) => BodyState::Truncated,
            (_, false) => BodyState::Stored,
        };
        Body { segments: self.full, wire_bytes: self.wire_bytes, state, ..Body::default() }
    }

    /// Returns how many bytes are kept.
    pub(crate) const fn kept_bytes(&self) -> usize {
        self.kept
    }

    /// Returns the kept bytes in one piece.
    pub(crate) fn copied(&self) -> Vec<u8> {
        let mut whole = Vec::with_capacity(self.kept);
        self.full.iter().for_each(|segment| whole.extend_from_slice(segment));
        whole.extend_from_slice(&self.filling);
        whole
    }

    /// Takes the copy out and leaves an empty one.
    pub(crate) fn take(&mut self) -> Self {
        std::mem::replace(self, Self::new(0, None))
    }

    fn overflow(&mut self) {
        self.overflowed = true;
        self.cap = self.cap.min(KEPT_OF_LONG_BODY);
        if self.kept > self.cap {
            self.close_segment();
            let mut left = self.cap;
            for segment in &mut self.full {
                // Copied, so that the long allocation behind the segment is freed.
                *segment = Bytes::copy_from_slice(segment.get(..left.min(segment.len())).unwrap_or_default());
                left -= segment.len();
            }
            self.full.retain(|segment| !segment.is_empty());
            self.kept = self.cap;
        }
    }

    fn next_segment(&mut self, at_least: usize) {
        let size = (self.filling.len() * 2).max(at_least).clamp(FIRST_SEGMENT, LARGEST_SEGMENT);
        self.close_segment();
        self.filling = Vec::with_capacity(size);
    }

    fn close_segment(&mut self) {
        if !self.filling.is_empty() {
            self.full.push(Bytes::from(std::mem::take(&mut self.filling)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn captured(cap: u64, expected: Option<u64>, chunks: &[&[u8]]) -> Body {
        let mut capture = Capture::new(cap, expected);
        chunks.iter().for_each(|chunk| capture.push(chunk));
        capture.into_body()
    }

    #[test]
    fn keeps_a_body_whole_up_to_the_cap() {
        let long: Vec<u8> = (0..1_000_000_u32).flat_map(u32::to_le_bytes).collect();
        for chunk_size in [1_usize << 8, 4096, 1 << 20] {
            let chunks: Vec<&[u8]> = long.chunks(chunk_size).collect();
            let body = captured(long.len() as u64, None, &chunks);
            assert_eq!(body.state, BodyState::Stored);
            assert_eq!(body.contiguous(), Bytes::from(long.clone()));
        }
    }

    #[test]
    fn keeps_the_beginning_of_a_longer_body() {
        let long: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
        for expected in [None, Some(long.len() as u64)] {
            let chunks: Vec<&[u8]> = long.chunks(1000).collect();
            let body = captured(200_000, expected, &chunks);
            assert_eq!(body.state, BodyState::Truncated);
            assert_eq!(body.wire_bytes, 400_000);
            assert_eq!(body.contiguous(), Bytes::copy_from_slice(&long[..KEPT_OF_LONG_BODY]));
        }
    }

    #[test]
    fn tells_an_empty_body() {
        assert_eq!(captured(10, None, &[]).state, BodyState::Empty);
    }
}
