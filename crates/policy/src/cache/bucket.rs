//! When a bucket answers, and which of its slots is filled next.
//!
//! As in Helicone's cache a bucket of N slots first collects N answers: its first N calls are made, and only
//! then one of the N is given again, drawn at random. A caller thereby gets varied answers to one question.

use gatehouse_types::Timestamp;

/// What is known of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// Nothing is in it, or nothing that is good for this call.
    Vacant,
    /// An answer that was kept at this time.
    Filled(Timestamp),
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// It is answered from this slot.
    Hit(u8),
    /// It is made, and its answer goes into this slot.
    Fill(u8),
}

/// The slots of one call's bucket, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket(Vec<Slot>);

impl Bucket {
    /// Returns the bucket with these slots.
    pub const fn new(slots: Vec<Slot>) -> Self {
        Self(slots)
    }

    /// Returns the slots that nothing is in, in order.
    pub fn vacant(&self) -> impl Iterator<Item = u8> + '_ {
        (0_u8..).zip(&self.0).filter(|(_, slot)| **slot == Slot::Vacant).map(|(index, _)| index)
    }

    /// Decides about a call that may be answered from the bucket; `draw` is any number, drawn evenly.
    pub fn choose(&self, draw: u64) -> Choice {
        let count = self.0.len().max(1) as u64;
        match self.vacant().next() {
            Some(index) => Choice::Fill(index),
            None => Choice::Hit(u8::try_from(draw % count).unwrap_or_default()),
        }
    }

    /// Returns the slot for the answer of a call that may not be answered from the bucket: one with nothing in
    /// it, else the one with the oldest answer.
    pub fn to_fill(&self) -> u8 {
        let age = |slot: &Slot| match slot {
            Slot::Vacant => (false, Timestamp::from_unix_micros(0)),
            Slot::Filled(kept_at) => (true, *kept_at),
        };
        (0_u8..).zip(&self.0).min_by_key(|(_, slot)| age(slot)).map_or(0, |(index, _)| index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn filled(micros: i64) -> Slot {
        Slot::Filled(Timestamp::from_unix_micros(micros))
    }

    #[test]
    fn answers_only_once_every_slot_is_filled() {
        let choose = |slots: &[Slot], draw| Bucket::new(slots.to_vec()).choose(draw);
        assert_eq!(choose(&[Slot::Vacant], 7), Choice::Fill(0));
        assert_eq!(choose(&[filled(1)], 7), Choice::Hit(0));
        assert_eq!(choose(&[filled(1), Slot::Vacant, Slot::Vacant], 7), Choice::Fill(1));
        let full = [filled(1), filled(2), filled(3)];
        let drawn: Vec<Choice> = (0..3).map(|draw| choose(&full, draw)).collect();
        assert_eq!(drawn, [Choice::Hit(0), Choice::Hit(1), Choice::Hit(2)]);
    }

    #[test]
    fn refreshes_the_oldest_answer() {
        let to_fill = |slots: &[Slot]| Bucket::new(slots.to_vec()).to_fill();
        assert_eq!(to_fill(&[filled(5)]), 0);
        assert_eq!(to_fill(&[filled(5), filled(-3), filled(4)]), 1);
        assert_eq!(to_fill(&[filled(5), filled(-3), Slot::Vacant]), 2);
        assert_eq!(to_fill(&[]), 0);
    }

    #[test]
    fn tells_how_many_calls_may_be_made_at_once() {
        let bucket = Bucket::new(vec![Slot::Vacant, filled(1), Slot::Vacant]);
        assert_eq!(bucket.vacant().collect::<Vec<_>>(), [0, 2]);
    }
}
