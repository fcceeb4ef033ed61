//! When a delivery that failed is tried again.

use std::time::Duration;

/// How much longer each pause is than the one before.
const GROWTH: u32 = 5;
/// No pause is longer.
const LONGEST: Duration = Duration::from_mins(10);

/// How often a delivery is tried, and with which pauses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Schedule {
    /// How often at most, at least once.
    pub(crate) attempts: u32,
    /// The pause after the first failure; each later one is five times as long.
    pub(crate) first_pause: Duration,
}

impl Schedule {
    /// Returns the pause after `attempts` attempts have failed; `None` when there are no more.
    ///
    /// `jitter`, from 0 to 1, takes up to half of it away, so that what failed together does not come again
    /// together. A receiver that says itself how long to wait (`Retry-After`) gets at least that, within bounds.
    pub(crate) fn pause(&self, attempts: u32, jitter: f64, asked: Option<Duration>) -> Option<Duration> {
        if attempts >= self.attempts {
            return None;
        }
        let whole = self.whole_pause(attempts);
        let pause = whole.mul_f64(1.0 - jitter.clamp(0.0, 1.0) / 2.0);
        Some(pause.max(asked.unwrap_or_default()).min(LONGEST))
    }

    /// Returns how long a delivery may be under way if every attempt takes `timeout`.
    pub(crate) fn longest(&self, timeout: Duration) -> Duration {
        let pauses = (1..self.attempts).map(|attempts| self.whole_pause(attempts));
        pauses.fold(timeout.saturating_mul(self.attempts), Duration::saturating_add)
    }

    fn whole_pause(&self, attempts: u32) -> Duration {
        let factor = GROWTH.saturating_pow(attempts.saturating_sub(1));
        self.first_pause.saturating_mul(factor).min(LONGEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEDULE: Schedule = Schedule { attempts: 5, first_pause: Duration::from_secs(4) };

    #[test]
    fn pauses_grow_and_end() {
        let whole: Vec<_> = (1..=5).map(|attempts| SCHEDULE.pause(attempts, 0.0, None)).collect();
        let expected = [Some(4), Some(20), Some(100), Some(500), None];
        assert_eq!(whole, expected.map(|seconds| seconds.map(Duration::from_secs)));
        assert_eq!(SCHEDULE.pause(1, 1.0, None), Some(Duration::from_secs(2)));
        assert_eq!(SCHEDULE.longest(Duration::from_secs(30)), Duration::from_secs(624 + 150));
    }

    #[test]
    fn a_receiver_may_ask_for_more_time_within_bounds() {
        let asked = |seconds| SCHEDULE.pause(1, 1.0, Some(Duration::from_secs(seconds)));
        assert_eq!(asked(1), Some(Duration::from_secs(2)));
        assert_eq!(asked(60), Some(Duration::from_secs(60)));
        assert_eq!(asked(86_400), Some(LONGEST));
        assert_eq!(SCHEDULE.pause(5, 0.0, Some(LONGEST)), None);
    }

    #[test]
    fn no_number_of_attempts_overflows() {
        let many = Schedule { attempts: u32::MAX, first_pause: Duration::from_secs(4) };
        assert_eq!(many.pause(1_000_000, 0.0, None), Some(LONGEST));
    }
}
