//! One piece of an answer while it comes in: as it is, or condensed once it is long.

use super::condenser::Condenser;

/// Up to which length a piece is kept as it is, in bytes.
pub(crate) const MAX_RAW_BYTES: usize = 64 << 10;

/// Gathers the bytes of one piece after the other.
#[derive(Debug)]
pub(crate) struct Gatherer {
    max_raw_bytes: usize,
    raw: Vec<u8>,
    /// What is kept of a piece that is longer.
    condenser: Option<Box<Condenser>>,
}

impl Gatherer {
    /// Returns a gatherer that keeps pieces of up to `max_raw_bytes` as they are.
    pub(crate) fn new(max_raw_bytes: usize) -> Self {
        Self { max_raw_bytes, raw: Vec::new(), condenser: None }
    }

    /// Takes the next bytes of the piece.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        if let Some(condenser) = &mut self.condenser {
            condenser.push(bytes);
        } else if bytes.len() > self.max_raw_bytes - self.raw.len() {
            let condenser = self.condenser.insert(Box::default());
            condenser.push(&self.raw);
            condenser.push(bytes);
            self.raw = Vec::new();
        } else {
            self.raw.extend_from_slice(bytes);
        }
    }

    /// Returns whether nothing of the piece has come.
    pub(crate) fn is_empty(&self) -> bool {
        self.condenser.is_none() && self.raw.is_empty()
    }

    /// Hands the piece to `each`, unless there is nothing to read in it, and begins the next one.
    pub(crate) fn end(&mut self, each: &mut dyn FnMut(&[u8])) {
        if let Some(condenser) = self.condenser.take() {
            condenser.condensed().into_iter().for_each(each);
        } else if !self.raw.is_empty() {
            each(&self.raw);
            self.raw.clear();
        }
    }

    /// Forgets the piece.
    pub(crate) fn discard(&mut self) {
        self.condenser = None;
        self.raw.clear();
    }

    /// Returns how much memory is held, in bytes.
    #[cfg(test)]
    pub(crate) fn held_bytes(&self) -> usize {
        self.raw.capacity() + self.condenser.as_ref().map_or(0, |condenser| condenser.held_bytes())
    }
}
