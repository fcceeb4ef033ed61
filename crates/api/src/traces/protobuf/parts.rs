//! How many messages lie in a body, counted before any of them is made: an empty one takes two bytes on the wire
//! and a hundred in memory.

use crate::traces::span::MAX_PARTS;

/// How deep messages are followed; what reads them gives up before that.
const MAX_DEPTH: usize = 128;

/// A message that holds others.
#[derive(Clone, Copy)]
enum Kind {
    Data,
    Resource,
    Scope,
    Span,
    Pair,
    Value,
    Array,
    List,
}

impl Kind {
    /// Returns what lies in a field.
    const fn field(self, tag: u64) -> Option<Self> {
        Some(match (self, tag) {
            (Self::Data, 1) => Self::Resource,
            (Self::Resource, 2) => Self::Scope,
            (Self::Scope, 2) => Self::Span,
            (Self::Span, 9) | (Self::List, 1) => Self::Pair,
            (Self::Pair, 2) | (Self::Array, 1) => Self::Value,
            (Self::Value, 5) => Self::Array,
            (Self::Value, 6) => Self::List,
            _ => return None,
        })
    }
}

/// Returns whether a body holds no more messages than it may; what is malformed is not looked at further.
pub(super) fn are_few(body: &[u8]) -> bool {
    let mut left = MAX_PARTS;
    count(body, Kind::Data, 0, &mut left);
    left > 0
}

/// Takes the messages of `body` from what is `left`; returns `None` at the end of what can be read.
fn count(mut body: &[u8], kind: Kind, depth: usize, left: &mut usize) -> Option<()> {
    while *left > 0 && depth < MAX_DEPTH {
        let key = varint(&mut body)?;
        let length = match key & 7 {
            0 => varint(&mut body).map(|_| 0)?,
            1 => 8,
            2 => varint(&mut body)?,
            5 => 4,
            _ => return None,
        };
        let (content, rest) = body.split_at_checked(usize::try_from(length).ok()?)?;
        body = rest;
        if let Some(inner) = kind.field(key >> 3).filter(|_| key & 7 == 2) {
            *left -= 1;
            // Of a damaged message those beside it still count.
            count(content, inner, depth + 1, left);
        }
    }
    None
}

fn varint(body: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = body.split_first()?;
        *body = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn counts_what_would_be_made() {
        let spans = |count: usize| {
            let scope = [0x12, 0].repeat(count);
            let prefix = |tag: u8, length: usize| {
                let low = u8::try_from(length & 0x7f).unwrap() | 0x80;
                let middle = u8::try_from(length >> 7 & 0x7f).unwrap() | 0x80;
                vec![tag, low, middle, u8::try_from(length >> 14).unwrap()]
            };
            let resource = [prefix(0x12, scope.len()), scope].concat();
            [prefix(0x0a, resource.len()), resource].concat()
        };
        assert!(are_few(&spans(MAX_PARTS - 3)));
        assert!(!are_few(&spans(MAX_PARTS - 2)));
        assert!(are_few(b""));
    }

    proptest! {
        #[test]
        fn whatever_is_sent_is_counted_to_an_end(body in proptest::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(are_few(&body));
        }
    }
}
