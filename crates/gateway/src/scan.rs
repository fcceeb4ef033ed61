//! Reading a body while it passes that is longer than its copy can be.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use gatehouse_wire::{AnswerScanner, RequestScanner};

use crate::capture::{Outgrown, Reservation};

/// How much of what waits is read at least with every chunk: a matter of some ten microseconds.
const STEP_BYTES: usize = 32 << 10;

/// What reads a body.
pub(crate) trait Scanner {
    /// Takes the next bytes.
    fn push(&mut self, bytes: &[u8]);

    /// Returns whether nothing that follows says anything.
    fn is_over(&self) -> bool;
}

/// The reading of one body.
///
/// What was copied before is not read at once, which would hold other calls up, but with the chunks that follow, of
/// each of them twice as much as it brings; what waits becomes less with every chunk.
#[derive(Debug)]
pub(crate) struct Scan<S> {
    /// `None` once it has panicked: that must not reach the call.
    scanner: Option<S>,
    waiting: VecDeque<Bytes>,
    /// The memory that what was copied takes.
    room: Option<Reservation>,
}

impl<S: Scanner> Scan<S> {
    /// Begins to read a body.
    pub(crate) fn new(scanner: S) -> Self {
        Self { scanner: Some(scanner), waiting: VecDeque::new(), room: None }
    }

    /// Goes on with what was copied so far, of which all but the beginning of `data` had passed before, and the rest
    /// of that.
    pub(crate) fn after(scanner: S, outgrown: Outgrown, data: &Bytes) -> Self {
        let mut scan = Self::new(scanner);
        scan.waiting.extend(outgrown.segments);
        scan.room = Some(outgrown.room);
        scan.push(data.slice(outgrown.taken..));
        scan
    }

    /// Takes the next bytes of the body.
    pub(crate) fn push(&mut self, data: Bytes) {
        if self.waiting.is_empty() {
            return self.scan(&data);
        }
        let step = STEP_BYTES.max(2 * data.len());
        self.waiting.push_back(data);
        self.read(step);
    }

    /// Takes the end of the body; returns what has read all of it, if it could.
    pub(crate) fn finish(mut self) -> Option<S> {
        self.read(usize::MAX);
        self.scanner
    }

    fn is_over(&self) -> bool {
        self.scanner.as_ref().is_none_or(S::is_over)
    }

    fn scan(&mut self, bytes: &[u8]) {
        let Some(scanner) = &mut self.scanner else { return };
        if catch_unwind(AssertUnwindSafe(|| scanner.push(bytes))).is_err() {
            tracing::error!("reading a long body panicked");
            self.scanner = None;
        }
    }

    /// Reads some of what waits, or forgets it where it says nothing.
    fn read(&mut self, bytes: usize) {
        let mut left = bytes;
        while left > 0
            && !self.is_over()
            && let Some(first) = self.waiting.front_mut()
        {
            let now = first.split_to(left.min(first.len()));
            if first.is_empty() {
                self.waiting.pop_front();
            }
            self.scan(&now);
            left -= now.len();
            if let Some(room) = &mut self.room {
                room.shrink(now.len());
            }
        }
        if self.is_over() {
            self.waiting.clear();
        }
        if self.waiting.is_empty() {
            self.room = None;
        }
    }
}

impl Scanner for AnswerScanner {
    fn push(&mut self, bytes: &[u8]) {
        Self::push(self, bytes);
    }

    fn is_over(&self) -> bool {
        Self::is_over(self)
    }
}

impl Scanner for RequestScanner {
    fn push(&mut self, bytes: &[u8]) {
        Self::push(self, bytes);
    }

    fn is_over(&self) -> bool {
        Self::is_over(self)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::capture::{Capture, CaptureBudget};

    /// Notes what it is given.
    #[derive(Default)]
    struct Notes {
        read: Vec<u8>,
        /// After how many bytes it wants no more.
        enough: Option<usize>,
    }

    impl Scanner for Notes {
        fn push(&mut self, bytes: &[u8]) {
            self.read.extend_from_slice(bytes);
        }

        fn is_over(&self) -> bool {
            self.enough.is_some_and(|enough| self.read.len() >= enough)
        }
    }

    /// A body of which the first half was copied, its reading, and what of it has not passed.
    fn begun(enough: Option<usize>) -> (Vec<u8>, Scan<Notes>, Vec<Bytes>, Arc<CaptureBudget>) {
        let long: Vec<u8> = (0..500_000_u32).flat_map(u32::to_le_bytes).collect();
        let budget = Arc::new(CaptureBudget::new(1 << 30));
        let mut capture = Capture::new(1_000_000, None, Arc::clone(&budget));
        let mut chunks = long.chunks(10_000).map(Bytes::copy_from_slice);
        let scan = chunks.find_map(|chunk| {
            let outgrown = capture.push(&chunk)?;
            Some(Scan::after(Notes { enough, ..Notes::default() }, outgrown, &chunk))
        });
        let rest = chunks.collect();
        (long, scan.unwrap(), rest, budget)
    }

    #[test]
    fn reads_every_byte_once_and_in_order_a_little_at_a_time() {
        let (long, mut scan, rest, budget) = begun(None);
        let mut waiting = usize::MAX;
        for chunk in rest {
            let read = |scan: &Scan<Notes>| scan.scanner.as_ref().unwrap().read.len();
            let before = read(&scan);
            scan.push(chunk);
            assert!(read(&scan) - before <= STEP_BYTES);
            let left: usize = scan.waiting.iter().map(Bytes::len).sum();
            assert!(left == 0 || left < waiting, "{left} of {waiting}");
            waiting = left;
        }
        assert!(waiting == 0 && scan.room.is_none());
        assert!(budget.is_unused());
        assert!(scan.finish().unwrap().read == long);
    }

    #[test]
    fn reads_what_waits_at_the_end() {
        let (long, scan, _, budget) = begun(None);
        assert!(!budget.is_unused());
        let read = scan.finish().unwrap().read;
        assert!(read.len() >= 1_000_000 && long.starts_with(&read));
        assert!(budget.is_unused());
    }

    #[test]
    fn holds_nothing_of_what_says_nothing() {
        let (_, scan, _, budget) = begun(Some(1));
        assert!(scan.waiting.is_empty() && budget.is_unused());
        assert!(scan.finish().unwrap().read.len() <= STEP_BYTES);
    }

    #[test]
    fn a_reader_that_panics_is_let_go() {
        struct Panics;
        impl Scanner for Panics {
            fn push(&mut self, _: &[u8]) {
                panic!("on purpose");
            }

            fn is_over(&self) -> bool {
                false
            }
        }
        let mut scan = Scan::new(Panics);
        scan.push(Bytes::from_static(b"a"));
        scan.push(Bytes::from_static(b"b"));
        assert!(scan.finish().is_none());
    }
}
