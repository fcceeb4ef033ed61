//! A bounded copy of a body as it passes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use gatehouse_types::{Body, BodyState};

/// What is kept of a body that turned out longer than the cap: enough to see what it was.
const KEPT_OF_LONG_BODY: usize = 64 << 10;
/// The size of a first segment; later ones double up to the largest.
const FIRST_SEGMENT: usize = 1 << 10;
const LARGEST_SEGMENT: usize = 256 << 10;

/// The memory that bodies of one kind may take together, of all calls in flight.
#[derive(Debug)]
pub(crate) struct CaptureBudget {
    limit: usize,
    used: AtomicUsize,
}

impl CaptureBudget {
    pub(crate) fn new(limit_bytes: u64) -> Self {
        Self { limit: usize::try_from(limit_bytes).unwrap_or(usize::MAX), used: AtomicUsize::new(0) }
    }

    #[cfg(test)]
    pub(crate) fn is_unused(&self) -> bool {
        self.used.load(Ordering::Relaxed) == 0
    }

    /// Takes `bytes` of the budget, if they are left.
    fn reserve(&self, bytes: usize) -> bool {
        let before = self.used.fetch_add(bytes, Ordering::Relaxed);
        let fits = before.saturating_add(bytes) <= self.limit;
        if !fits {
            self.release(bytes);
        }
        fits
    }

    fn release(&self, bytes: usize) {
        self.used.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// A part of a budget, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Reservation {
    budget: Arc<CaptureBudget>,
    bytes: usize,
}

impl Reservation {
    /// Returns a reservation of nothing yet.
    pub(crate) const fn none(budget: Arc<CaptureBudget>) -> Self {
        Self { budget, bytes: 0 }
    }

    /// Takes `bytes` more, if they are left.
    pub(crate) fn grow(&mut self, bytes: usize) -> bool {
        let fits = self.budget.reserve(bytes);
        if fits {
            self.bytes += bytes;
        }
        fits
    }

    /// Gives `bytes` back.
    pub(crate) fn shrink(&mut self, bytes: usize) {
        let bytes = bytes.min(self.bytes);
        self.bytes -= bytes;
        self.budget.release(bytes);
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.budget.release(self.bytes);
    }
}

/// What was copied of a body that turns out to be longer than its copy can be.
#[derive(Debug)]
pub(crate) struct Outgrown {
    /// All that has passed so far, up to a part of the last chunk.
    pub(crate) segments: Vec<Bytes>,
    /// How many bytes of the last chunk are among them.
    pub(crate) taken: usize,
    /// The memory that they take.
    pub(crate) room: Reservation,
}

/// Copies the bytes of one body, up to a cap.
///
/// # Invariants
/// Never holds more than the cap and one segment, and no more than the budget has left. A body longer than
/// the cap is cut to its beginning at once, so that large transfers cost no memory.
#[derive(Debug)]
pub(crate) struct Capture {
    full: Vec<Bytes>,
    filling: Vec<u8>,
    kept: usize,
    cap: usize,
    wire_bytes: u64,
    overflowed: bool,
    budget: Arc<CaptureBudget>,
    reserved: usize,
}

impl Capture {
    /// Returns an empty copy; `expected` is the body's announced length, where there is one.
    pub(crate) fn new(cap: u64, expected: Option<u64>, budget: Arc<CaptureBudget>) -> Self {
        let cap = usize::try_from(cap).unwrap_or(usize::MAX);
        let mut capture = Self {
            full: Vec::new(),
            filling: Vec::new(),
            kept: 0,
            cap,
            wire_bytes: 0,
            overflowed: false,
            budget,
            reserved: 0,
        };
        match expected {
            Some(length) if length > cap as u64 => drop(capture.overflow(0)),
            Some(length @ 1..) => {
                let length = usize::try_from(length).unwrap_or(LARGEST_SEGMENT).min(LARGEST_SEGMENT);
                if capture.reserve(length) {
                    capture.filling.reserve_exact(length);
                }
            }
            _ => {}
        }
        capture
    }

    /// Takes the next bytes of the body. Returns what was copied of it, once, when that can't be all of it any more.
    pub(crate) fn push(&mut self, chunk: &[u8]) -> Option<Outgrown> {
        self.wire_bytes += chunk.len() as u64;
        let mut outgrown = None;
        if !self.overflowed && self.kept + chunk.len() > self.cap {
            outgrown = Some(self.overflow(0));
        }
        let mut rest = chunk;
        while self.kept < self.cap && !rest.is_empty() {
            if self.filling.len() == self.filling.capacity() && !self.next_segment(rest.len()) {
                let was_whole = !self.overflowed;
                let copied = self.overflow(chunk.len() - rest.len());
                // What follows a gap is not the beginning any more.
                self.cap = self.kept;
                return if was_whole { Some(copied) } else { outgrown };
            }
            let fits = (self.filling.capacity() - self.filling.len()).min(self.cap - self.kept);
            let (now, later) = rest.split_at(fits.min(rest.len()));
            self.filling.extend_from_slice(now);
            self.kept += now.len();
            rest = later;
        }
        outgrown
    }

    /// Returns whether the body is longer than its copy can be.
    pub(crate) const fn is_outgrown(&self) -> bool {
        self.overflowed
    }

    /// Returns the copied bytes as a body of the record; `is_whole` says whether the body came to its end.
    pub(crate) fn into_body(mut self, is_whole: bool) -> Body {
        self.close_segment();
        let state = match self.wire_bytes {
            0 => BodyState::Empty,
            _ if self.overflowed || !is_whole => BodyState::Truncated,
            _ => BodyState::Stored,
        };
        let segments = std::mem::take(&mut self.full);
        Body { segments, wire_bytes: self.wire_bytes, state, ..Body::default() }
    }

    /// Returns the bytes in the pieces that are kept, if that is all of them.
    pub(crate) fn whole(&mut self) -> Option<Vec<Bytes>> {
        self.close_segment();
        (!self.overflowed).then(|| self.full.clone())
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

    /// Takes the copy out and leaves an empty one that keeps nothing.
    pub(crate) fn take(&mut self) -> Self {
        let empty = Self::new(0, None, Arc::clone(&self.budget));
        std::mem::replace(self, empty)
    }

    /// Keeps no more than the beginning from now on; returns all that was kept, of which `taken` bytes are of the last
    /// chunk.
    fn overflow(&mut self, taken: usize) -> Outgrown {
        self.overflowed = true;
        self.cap = self.cap.min(KEPT_OF_LONG_BODY);
        let mut room = Reservation::none(Arc::clone(&self.budget));
        if self.kept < self.cap {
            let filling = Bytes::copy_from_slice(&self.filling);
            return Outgrown { segments: self.full.iter().cloned().chain([filling]).collect(), taken, room };
        }
        self.close_segment();
        let segments = self.full.clone();
        let mut left = self.cap;
        for segment in &mut self.full {
            // Copied, so that the long allocation behind the segment can be freed.
            *segment = Bytes::copy_from_slice(segment.get(..left.min(segment.len())).unwrap_or_default());
            left -= segment.len();
        }
        self.full.retain(|segment| !segment.is_empty());
        self.kept = self.cap;
        room.bytes = self.reserved.saturating_sub(self.kept);
        self.reserved -= room.bytes;
        Outgrown { segments, taken, room }
    }

    fn reserve(&mut self, bytes: usize) -> bool {
        let reserved = self.budget.reserve(bytes);
        if reserved {
            self.reserved += bytes;
        }
        reserved
    }

    /// Makes room for more; returns `false` when the budget has none left.
    fn next_segment(&mut self, at_least: usize) -> bool {
        let size = (self.filling.len() * 2).max(at_least).clamp(FIRST_SEGMENT, LARGEST_SEGMENT);
        let size = size.min(self.cap - self.kept);
        self.close_segment();
        let reserved = self.reserve(size);
        if reserved {
            self.filling = Vec::with_capacity(size);
        }
        reserved
    }

    fn close_segment(&mut self) {
        let mut segment = std::mem::take(&mut self.filling);
        if segment.is_empty() {
            return;
        }
        // The journal counts the bytes, not what the allocation has to spare.
        if segment.capacity() - segment.len() > segment.len() / 4 {
            segment.shrink_to_fit();
        }
        self.full.push(Bytes::from(segment));
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        self.budget.release(self.reserved);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn captured(cap: u64, expected: Option<u64>, chunks: &[&[u8]]) -> Body {
        let budget = Arc::new(CaptureBudget::new(1 << 30));
        let mut capture = Capture::new(cap, expected, Arc::clone(&budget));
        chunks.iter().for_each(|chunk| drop(capture.push(chunk)));
        let body = capture.into_body(true);
        assert_eq!(budget.used.load(Ordering::Relaxed), 0, "the budget is given back");
        body
    }

    #[test]
    fn cuts_a_body_short_that_the_budget_has_no_room_for() {
        let budget = Arc::new(CaptureBudget::new(300_000));
        let mut capture = Capture::new(1 << 20, None, Arc::clone(&budget));
        (0..100).for_each(|_| drop(capture.push(&[7; 10_000])));
        assert!(capture.kept_bytes() <= 300_000 && budget.used.load(Ordering::Relaxed) <= 300_000);
        let body = capture.into_body(true);
        assert_eq!((body.state, body.wire_bytes), (BodyState::Truncated, 1_000_000));
        assert_eq!(budget.used.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn keeps_nothing_behind_a_gap() {
        let budget = Arc::new(CaptureBudget::new(30_000));
        let mut capture = Capture::new(1 << 20, None, budget);
        assert!(capture.push(&[1; 20_000]).is_none());
        let outgrown = capture.push(&[2; 200_000]).unwrap();
        assert_eq!(outgrown.segments.concat(), [vec![1; 20_000], vec![2; outgrown.taken]].concat());
        let kept = capture.kept_bytes();
        assert!(capture.push(&[3; 100]).is_none());
        assert_eq!(capture.kept_bytes(), kept);
        let body = capture.into_body(true).contiguous();
        assert!(body.iter().all(|byte| *byte != 3) && body.starts_with(&[1; 20_000]));
    }

    #[test]
    fn hands_out_all_that_was_copied_when_it_can_not_go_on() {
        for cap in [0_u64, 10, 1000, 100_000, 200_000] {
            let budget = Arc::new(CaptureBudget::new(1 << 20));
            let mut capture = Capture::new(cap, None, Arc::clone(&budget));
            let long: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
            let mut seen = Vec::new();
            for chunk in long.chunks(999) {
                let was_outgrown = capture.is_outgrown();
                let outgrown = capture.push(chunk);
                assert_eq!(outgrown.is_some(), capture.is_outgrown() && !was_outgrown);
                let taken = outgrown.as_ref().map(|outgrown| outgrown.taken);
                seen.extend(outgrown.into_iter().flat_map(|outgrown| outgrown.segments).flatten());
                let rest = chunk.get(taken.unwrap_or_default()..).unwrap();
                seen.extend(rest.iter().filter(|_| capture.is_outgrown()));
            }
            assert!(seen == long, "cap {cap}");
            assert!(budget.used.load(Ordering::Relaxed) <= KEPT_OF_LONG_BODY + FIRST_SEGMENT);
            drop(capture);
            assert_eq!(budget.used.load(Ordering::Relaxed), 0);
        }
    }

    #[test]
    fn what_has_outgrown_its_copy_still_counts_until_it_is_let_go() {
        let budget = Arc::new(CaptureBudget::new(1 << 20));
        let mut capture = Capture::new(500_000, None, Arc::clone(&budget));
        assert!(capture.push(&[7; 499_000]).is_none());
        let mut outgrown = capture.push(&[7; 2000]).unwrap();
        assert!(budget.used.load(Ordering::Relaxed) >= 499_000);
        outgrown.room.shrink(400_000);
        assert!(budget.used.load(Ordering::Relaxed) < 130_000);
        outgrown.room.shrink(usize::MAX);
        drop(outgrown);
        assert!(budget.used.load(Ordering::Relaxed) <= KEPT_OF_LONG_BODY);
        drop(capture);
        assert_eq!(budget.used.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn calls_a_body_without_its_end_truncated() {
        let mut capture = Capture::new(100, None, Arc::new(CaptureBudget::new(1 << 20)));
        assert!(capture.push(b"half").is_none());
        assert_eq!(capture.into_body(false).state, BodyState::Truncated);
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
