//! Cutting an array into its elements while it comes in.

use memchr::memchr2;

use crate::scanner::{Gatherer, work};

/// Cuts the array that an answer begins with into its elements, as far as they are whole objects or arrays.
#[derive(Debug, Default)]
pub(crate) struct Elements {
    depth: u64,
    in_text: bool,
    escaped: bool,
    has_ended: bool,
}

impl Elements {
    /// Returns whether the array has ended.
    pub(crate) fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// Lets `bytes` pass.
    pub(crate) fn pass(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() && !self.has_ended {
            let (length, _) = self.next(rest);
            rest = rest.get(length..).unwrap_or_default();
        }
    }

    /// Takes all of `bytes` and hands every element that they complete to `each`; returns how many bytes those are.
    pub(super) fn push(&mut self, bytes: &[u8], piece: &mut Gatherer, each: &mut dyn FnMut(&[u8])) -> usize {
        let mut rest = bytes;
        while !rest.is_empty() && !self.has_ended {
            let (length, ends_element) = self.next(rest);
            work::count(length);
            let (now, later) = rest.split_at(length.min(rest.len()));
            if self.depth >= 2 || ends_element {
                piece.push(now);
            }
            if ends_element {
                piece.end(each);
            }
            rest = later;
        }
        bytes.len()
    }

    /// Returns how many bytes stand on the same level, and whether they end an element.
    fn next(&mut self, bytes: &[u8]) -> (usize, bool) {
        if self.in_text {
            return (self.text(bytes), false);
        }
        let is_special = |byte: &u8| matches!(byte, b'"' | b'{' | b'[' | b'}' | b']');
        let at = bytes.iter().position(is_special);
        match at.and_then(|at| bytes.get(at)) {
            // What stands between two elements is none of either.
            Some(b'{' | b'[') if self.depth == 1 && at != Some(0) => return (at.unwrap_or_default(), false),
            Some(b'{' | b'[') => self.depth += 1,
            Some(b'"') => self.in_text = true,
            Some(_) => {
                self.depth = self.depth.saturating_sub(1);
                self.has_ended = self.depth == 0;
                return (at.map_or(0, |at| at + 1), self.depth == 1);
            }
            None => return (bytes.len(), false),
        }
        (at.map_or(0, |at| at + 1), false)
    }

    /// Returns how many bytes belong to the text.
    fn text(&mut self, bytes: &[u8]) -> usize {
        if std::mem::take(&mut self.escaped) {
            return 1;
        }
        let Some(at) = memchr2(b'"', b'\\', bytes) else { return bytes.len() };
        self.escaped = bytes.get(at) == Some(&b'\\');
        self.in_text = self.escaped;
        at + 1
    }
}
