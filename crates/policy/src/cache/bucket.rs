//! When a bucket answers, and which of its slots is filled next.
//!
//! As in Helicone's cache a bucket of N slots first collects N answers: its first N calls are made, and only
//! then one of the N is given again, drawn at random. A caller thereby gets varied answers to one question.

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// It is answered from this slot.
    Hit(u8),
    /// It is made, and its answer goes into the first slot that has none.
    Fill,
}

/// The slots of one call's bucket: whether each has an answer that is good for the call, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket(Vec<bool>);

impl Bucket {
    /// Returns the bucket with these slots.
    pub const fn new(is_filled: Vec<bool>) -> Self {
        Self(is_filled)
    }

    /// Returns the slots without an answer, in order: as many calls may be made at once.
    pub fn vacant(&self) -> Vec<u8> {
        (0..).zip(&self.0).filter(|(_, is_filled)| !**is_filled).map(|(index, _)| index).collect()
    }

    /// Decides about a call that may be answered from the bucket; `draw` is any number, drawn evenly.
    pub fn choose(&self, draw: u64) -> Choice {
        if self.0.contains(&false) { Choice::Fill } else { Choice::Hit(self.any(draw)) }
    }

    /// Returns the slot for the answer of a call that may not be answered from the bucket: one without an
    /// answer, else any.
    pub fn to_fill(&self, draw: u64) -> u8 {
        self.vacant().first().copied().unwrap_or_else(|| self.any(draw))
    }

    fn any(&self, draw: u64) -> u8 {
        u8::try_from(draw % self.0.len().max(1) as u64).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_only_once_every_slot_is_filled() {
        let choose = |slots: &[bool], draw| Bucket::new(slots.to_vec()).choose(draw);
        assert_eq!(choose(&[false], 7), Choice::Fill);
        assert_eq!(choose(&[true], 7), Choice::Hit(0));
        assert_eq!(choose(&[true, false, true], 7), Choice::Fill);
        let drawn: Vec<Choice> = (0..3).map(|draw| choose(&[true; 3], draw)).collect();
        assert_eq!(drawn, [Choice::Hit(0), Choice::Hit(1), Choice::Hit(2)]);
    }

    #[test]
    fn fills_what_is_vacant_before_it_replaces_anything() {
        let to_fill = |slots: &[bool], draw| Bucket::new(slots.to_vec()).to_fill(draw);
        assert_eq!(to_fill(&[true, false, false], 2), 1);
        assert_eq!(to_fill(&[true, true], 3), 1);
        assert_eq!(to_fill(&[], 3), 0);
    }

    #[test]
    fn tells_how_many_calls_may_be_made_at_once() {
        assert_eq!(Bucket::new(vec![false, true, false]).vacant(), [0, 2]);
    }
}
