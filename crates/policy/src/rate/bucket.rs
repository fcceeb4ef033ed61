//! A token bucket: a full quota at once, and what was used comes back evenly, all of it in one window.

use std::time::Duration;

use gatehouse_types::Timestamp;

use super::{Amount, Mark, Meter, NEXT_TRY, Rate, SLACK_US, take_eight};

/// The first byte of a bucket's written form.
pub(super) const FORM: u8 = 1;

/// A token bucket, refilled lazily; a new one is full.
///
/// What is used is counted in amounts times the microseconds of the window. In that measure a microsecond
/// brings back exactly the capacity, and nothing is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    rate: Rate,
    /// What is spent and not back yet, as of `refreshed_us`; more than the capacity after calls that used
    /// more than was held for them.
    spent: u128,
    /// What calls in flight may still use. It does not come back before they end: otherwise what it turns
    /// out not to be could be used twice.
    held: Amount,
    refreshed_us: i64,
}

impl Bucket {
    /// Returns a full bucket.
    pub const fn full(rate: Rate, now: Timestamp) -> Self {
        Self { rate, spent: 0, held: Amount::ZERO, refreshed_us: now.as_unix_micros() }
    }

    /// Reads what [`Meter::to_bytes`] wrote, without the first byte.
    pub(super) fn from_bytes(mut bytes: &[u8]) -> Option<Self> {
        let rate = Rate::read(&mut bytes)?;
        let refreshed_us = i64::from_le_bytes(take_eight(&mut bytes)?);
        let spent = u128::from_le_bytes(bytes.try_into().ok()?);
        Some(Self { rate, spent, held: Amount::ZERO, refreshed_us })
    }

    /// Returns an amount in the measure of `spent`.
    fn scaled(&self, amount: Amount) -> u128 {
        u128::from(amount.0) * u128::from(self.rate.window_us)
    }

    /// Returns what the time between two readings of the clock brings back.
    fn refill(&self, from_us: i64, to_us: i64) -> u128 {
        let elapsed_us = to_us.saturating_sub(from_us).max(0).unsigned_abs();
        u128::from(elapsed_us) * u128::from(self.rate.capacity.0)
    }

    fn spent_at(&self, now: Timestamp) -> u128 {
        self.spent.saturating_sub(self.refill(self.refreshed_us, now.as_unix_micros()))
    }

    fn refresh(&mut self, now: Timestamp) {
        let now_us = now.as_unix_micros();
        let was_set_back = self.refreshed_us.saturating_sub(now_us) > SLACK_US;
        if now_us >= self.refreshed_us || was_set_back {
            self.spent = self.spent_at(now);
            self.refreshed_us = now_us;
        }
    }

    /// Returns by how much there is too little for `amount` when so much is spent.
    fn shortage(&self, amount: Amount, spent: u128) -> u128 {
        let wanted = self.scaled(amount.max(Amount(1))).saturating_add(self.scaled(self.held));
        wanted.saturating_add(spent).saturating_sub(self.scaled(self.rate.capacity))
    }

    /// Returns how long it takes until so much is back.
    fn time_for(&self, spent: u128) -> Duration {
        let capacity = u128::from(self.rate.capacity.0.max(1));
        Duration::from_micros(u64::try_from(spent.div_ceil(capacity)).unwrap_or(u64::MAX))
    }
}

impl Meter for Bucket {
    fn take(&mut self, amount: Amount, now: Timestamp) -> Option<Mark> {
        self.refresh(now);
        let is_left = self.shortage(amount, self.spent) == 0;
        is_left.then(|| {
            self.spent = self.spent.saturating_add(self.scaled(amount));
            Mark(self.refreshed_us)
        })
    }

    fn give_back(&mut self, amount: Amount, mark: Mark, now: Timestamp) {
        self.refresh(now);
        let already_back = self.refill(mark.0, self.refreshed_us);
        self.spent = self.spent.saturating_sub(self.scaled(amount).saturating_sub(already_back));
    }

    fn hold(&mut self, amount: Amount, now: Timestamp) -> bool {
        self.refresh(now);
        let is_left = self.shortage(amount, self.spent) == 0;
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
        self.spent = self.spent.saturating_add(self.scaled(used.unwrap_or(held)));
    }

    fn remaining(&self, now: Timestamp) -> Amount {
        let used = self.spent_at(now).div_ceil(u128::from(self.rate.window_us));
        let used = u64::try_from(used).unwrap_or(u64::MAX).saturating_add(self.held.0);
        Amount(self.rate.capacity.0.saturating_sub(used))
    }

    fn reset_after(&self, now: Timestamp) -> Duration {
        self.time_for(self.spent_at(now).saturating_add(self.scaled(self.held)))
    }

    fn retry_after(&self, amount: Amount, now: Timestamp) -> Option<Duration> {
        if amount.max(Amount(1)) > self.rate.capacity {
            return None;
        }
        let spent = self.spent_at(now);
        let shortage = self.shortage(amount, spent);
        let wait = self.time_for(shortage.min(spent));
        Some(if shortage > spent { wait.max(NEXT_TRY) } else { wait })
    }

    fn is_idle(&self, now: Timestamp) -> bool {
        self.held == Amount::ZERO && self.spent_at(now) == 0
    }

    fn to_bytes(&self, now: Timestamp) -> Vec<u8> {
        let mut settled = *self;
        settled.settle(self.held, None, now);
        let mut bytes = vec![FORM];
        settled.rate.write(&mut bytes);
        bytes.extend(settled.refreshed_us.to_le_bytes());
        bytes.extend(settled.spent.to_le_bytes());
        bytes
    }
}

#[cfg(test)]
mod tests;
