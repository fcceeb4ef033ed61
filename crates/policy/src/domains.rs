//! How often an organisation may call an origin that is neither a known provider's nor approved.

use std::time::Duration;

use gatehouse_types::Timestamp;

const SECOND_US: i64 = 1_000_000;
const DAY_US: i64 = 86_400 * SECOND_US;
/// How far the times that callers hand in may lie behind one another without being taken for a clock that
/// was set back.
const SLACK_US: i64 = SECOND_US;

/// The limits of calls to targets that are not approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DomainLimits {
    /// Most calls in a day, which begins at midnight UTC; 0 lets none through.
    pub requests_per_day: u64,
    /// Calls in a second, at least 1 (0 counts as 1): so many may come at once, the next ones follow evenly.
    pub requests_per_second: u32,
}

/// How far an organisation has used its calls to one origin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DomainQuota {
    /// The day in UTC, counted from the Unix epoch.
    pub day: u32,
    /// How many calls were let through on that day.
    pub used: u64,
    /// The time in microseconds since the Unix epoch before which no call is let through.
    pub not_before_us: i64,
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is let through.
    Passed {
        /// How many more may follow today.
        remaining_today: u64,
    },
    /// It is refused by the limit of a second.
    PerSecond {
        /// After which the next call is let through, if none is in between.
        retry_after: Duration,
    },
    /// It is refused by the limit of a day.
    PerDay {
        /// The time until the next day begins.
        retry_after: Duration,
    },
}

impl DomainQuota {
    /// Decides about a call at `now` and counts it when it is let through; a refused call changes nothing.
    ///
    /// The second is kept by the generic cell rate algorithm (ITU-T I.371, annex A.1), whose state is one
    /// point in time. A clock that was set back loses what is left of it instead of locking anybody out: a
    /// count for another day, or a wait longer than any that these limits cause, does not count.
    pub fn take(&mut self, now: Timestamp, limits: DomainLimits) -> Verdict {
        let now_us = now.as_unix_micros();
        let day = self.day_at(now_us);
        let used = if day == self.day { self.used } else { 0 };
        if used >= limits.requests_per_day {
            let midnight_us = (i64::from(day) + 1).saturating_mul(DAY_US);
            return Verdict::PerDay { retry_after: until(now_us, midnight_us) };
        }
        let interval_us = limits.interval_us();
        let longest_wait_us = interval_us + SLACK_US;
        let is_credible = self.not_before_us.saturating_sub(now_us) <= longest_wait_us;
        let not_before_us = if is_credible { self.not_before_us } else { now_us };
        if not_before_us > now_us {
            return Verdict::PerSecond { retry_after: until(now_us, not_before_us) };
        }
        let full_burst_us = now_us.saturating_sub(limits.burst_us());
        let not_before_us = not_before_us.max(full_burst_us).saturating_add(interval_us);
        *self = Self { day, used: used + 1, not_before_us };
        Verdict::Passed { remaining_today: limits.requests_per_day - self.used }
    }

    /// Returns the day that a call at `now_us` counts for: its own, or the one counted so far when that has
    /// just begun by another caller's reading of the clock.
    fn day_at(&self, now_us: i64) -> u32 {
        let has_just_begun = day_of(now_us.saturating_add(SLACK_US)) == self.day;
        if has_just_begun { self.day } else { day_of(now_us) }
    }
}

impl DomainLimits {
    /// Returns the time between two calls that follow evenly; rounded up, so that the rate is never exceeded.
    fn interval_us(self) -> i64 {
        let per_second = i64::from(self.requests_per_second.max(1));
        (SECOND_US + per_second - 1) / per_second
    }

    /// Returns by how much calls may come early when none came for long.
    fn burst_us(self) -> i64 {
        (i64::from(self.requests_per_second.max(1)) - 1) * self.interval_us()
    }
}

/// Returns the day in UTC, counted from the Unix epoch; times before it are on its first day.
fn day_of(time_us: i64) -> u32 {
    u32::try_from(time_us.div_euclid(DAY_US)).unwrap_or_default()
}

fn until(now_us: i64, then_us: i64) -> Duration {
    Duration::from_micros(u64::try_from(then_us.saturating_sub(now_us)).unwrap_or_default())
}

#[cfg(test)]
mod tests;
