//! A sliding window: in no span of its length, wherever it begins, is more used than the quota.

use std::time::Duration;

use gatehouse_types::Timestamp;

use super::{Amount, Mark, Meter, NEXT_TRY, Rate, SLACK_US, take_eight};

/// The first byte of a window's written form.
pub(super) const FORM: u8 = 2;
/// The parts of a window. Each is kept until all of it has left the window, which therefore is kept for a
/// part too long at most, and never too short.
const PARTS: usize = 64;
/// The parts that are counted: those of a window and the one that it has left in part.
const COUNTED: usize = PARTS + 1;

/// A sliding window; a new one is unused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    rate: Rate,
    /// What was spent in each part, the newest first.
    spent: [u64; COUNTED],
    /// Which part the newest is, counted from the Unix epoch.
    newest: i64,
    /// What calls in flight may still use.
    held: Amount,
}

impl Window {
    /// Returns an unused window.
    pub fn unused(rate: Rate, now: Timestamp) -> Self {
        let mut window = Self { rate, spent: [0; COUNTED], newest: 0, held: Amount::ZERO };
        window.newest = window.part_of(now);
        window
    }

    /// Reads what [`Meter::to_bytes`] wrote, without the first byte.
    pub(super) fn from_bytes(mut bytes: &[u8]) -> Option<Self> {
        let rate = Rate::read(&mut bytes)?;
        let newest = i64::from_le_bytes(take_eight(&mut bytes)?);
        let mut spent = [0; COUNTED];
        for part in &mut spent {
            *part = u64::from_le_bytes(take_eight(&mut bytes)?);
        }
        bytes.is_empty().then_some(Self { rate, spent, newest, held: Amount::ZERO })
    }

    /// Returns the length of a part; rounded up, so that all of them are no shorter than the window.
    fn part_us(&self) -> i64 {
        let part_us = self.rate.window_us.div_ceil(PARTS as u64);
        i64::try_from(part_us).unwrap_or(i64::MAX)
    }

    fn part_of(&self, time: Timestamp) -> i64 {
        time.as_unix_micros().div_euclid(self.part_us())
    }

    /// Returns how many parts have begun since the newest one.
    fn parts_since(&self, now: Timestamp) -> usize {
        let parts = self.part_of(now).saturating_sub(self.newest).max(0);
        usize::try_from(parts).unwrap_or(COUNTED).min(COUNTED)
    }

    fn refresh(&mut self, now: Timestamp) {
        let begun = self.parts_since(now);
        self.spent.rotate_right(begun % COUNTED);
        self.spent.iter_mut().take(begun).for_each(|part| *part = 0);
        let newest_us = self.newest.saturating_mul(self.part_us());
        let was_set_back = newest_us.saturating_sub(now.as_unix_micros()) > SLACK_US;
        if begun > 0 || was_set_back {
            self.newest = self.part_of(now);
        }
    }

    fn spent_at(&self, now: Timestamp) -> u64 {
        let counted = self.spent.iter().take(COUNTED - self.parts_since(now));
        counted.fold(0, |sum, part| sum.saturating_add(*part))
    }

    /// Returns by how much there is too little for `amount` when so much is spent.
    fn shortage(&self, amount: Amount, spent: u64) -> u64 {
        let wanted = amount.0.max(1).saturating_add(self.held.0);
        wanted.saturating_add(spent).saturating_sub(self.rate.capacity.0)
    }

    fn spend(&mut self, amount: Amount) {
        if let Some(newest) = self.spent.first_mut() {
            *newest = newest.saturating_add(amount.0);
        }
    }

    /// Returns the time until at least so much of what is spent has left the window.
    fn time_for(&self, spent: u64, now: Timestamp) -> Duration {
        let mut gone: u64 = 0;
        let counted = self.spent.iter().enumerate().take(COUNTED - self.parts_since(now));
        let last = counted.rev().take_while(|(_, part)| {
            let is_needed = gone < spent;
            gone = gone.saturating_add(**part);
            is_needed
        });
        last.last().map_or(Duration::ZERO, |(age, _)| self.time_until_gone(age, now))
    }

    /// Returns the time until the part of this age has left the window.
    fn time_until_gone(&self, age: usize, now: Timestamp) -> Duration {
        let parts = i64::try_from(COUNTED.saturating_sub(age)).unwrap_or(i64::MAX);
        let gone_at_us = self.newest.saturating_add(parts).saturating_mul(self.part_us());
        let wait_us = gone_at_us.saturating_sub(now.as_unix_micros());
        Duration::from_micros(u64::try_from(wait_us).unwrap_or(0))
    }
}

impl Meter for Window {
    fn take(&mut self, amount: Amount, now: Timestamp) -> Option<Mark> {
        self.refresh(now);
        let is_left = self.shortage(amount, self.spent_at(now)) == 0;
        is_left.then(|| {
            self.spend(amount);
            Mark(self.newest)
        })
    }

    fn give_back(&mut self, amount: Amount, mark: Mark, now: Timestamp) {
        self.refresh(now);
        let age = usize::try_from(self.newest.saturating_sub(mark.0)).ok();
        if let Some(part) = age.and_then(|age| self.spent.get_mut(age)) {
            *part = part.saturating_sub(amount.0);
        }
    }

    fn hold(&mut self, amount: Amount, now: Timestamp) -> bool {
        self.refresh(now);
        let is_left = self.shortage(amount, self.spent_at(now)) == 0;
        if is_left {
            self.held = Amount(self.held.0.saturating_add(amount.0));
        }
        is_left
    }

    fn release(&mut self, held: Amount) {
        self.held = Amount(self.held.0.saturating_sub(held.0));
    }

    fn settle(&mut self, held: Amount, used: Option<Amount>, now: Timestamp) {
        self.refresh(now);
        self.release(held);
        self.spend(used.unwrap_or(held));
    }

    fn remaining(&self, now: Timestamp) -> Amount {
        let used = self.spent_at(now).saturating_add(self.held.0);
        Amount(self.rate.capacity.0.saturating_sub(used))
    }

    fn reset_after(&self, now: Timestamp) -> Duration {
        if self.held > Amount::ZERO {
            return self.time_until_gone(0, now).max(self.rate.window());
        }
        self.time_for(self.spent_at(now), now)
    }

    fn retry_after(&self, amount: Amount, now: Timestamp) -> Option<Duration> {
        if amount.max(Amount(1)) > self.rate.capacity {
            return None;
        }
        let spent = self.spent_at(now);
        let shortage = self.shortage(amount, spent);
        let wait = self.time_for(shortage.min(spent), now);
        Some(if shortage > spent { wait.max(NEXT_TRY) } else { wait })
    }

    fn is_idle(&self, now: Timestamp) -> bool {
        self.held == Amount::ZERO && self.spent_at(now) == 0
    }

    fn to_bytes(&self, now: Timestamp) -> Vec<u8> {
        let mut settled = self.clone();
        settled.settle(self.held, None, now);
        let mut bytes = vec![FORM];
        settled.rate.write(&mut bytes);
        bytes.extend(settled.newest.to_le_bytes());
        bytes.extend(settled.spent.iter().flat_map(|part| part.to_le_bytes()));
        bytes
    }
}

#[cfg(test)]
mod tests;
