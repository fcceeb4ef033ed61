//! Whether a failed call is tried again, and after how long: `Helicone-Retry-Enabled` and its companions.
//!
//! [`RetryPolicy::read`] turns the headers into a policy, [`Hints::read`] what the provider said about
//! trying again, and [`RetryPolicy::verdict`] decides. Nothing here may be asked after the first byte of
//! an answer went to the client: the caller sees to that.

mod headers;
mod hints;

use std::time::Duration;

pub use headers::HeaderProblem;
pub use hints::Hints;

/// The longest that a provider's `Retry-After` is waited for.
const LONGEST_HINT: Duration = Duration::from_secs(60);

/// How often, and how patiently, a failed call is tried again.
///
/// # Invariants
/// `attempts` is in 1..=20, the factor in 1..=10, and `min_timeout <= max_timeout <= 60 s`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    attempts: u32,
    /// The factor between two waits, in thousandths.
    factor_thousandths: u32,
    min_timeout: Duration,
    max_timeout: Duration,
}

/// Helicone's defaults: five attempts, waits of 1 s, 2 s, 4 s and 8 s before jitter, none longer than 10 s.
impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 5,
            factor_thousandths: 2_000,
            min_timeout: Duration::from_secs(1),
            max_timeout: Duration::from_secs(10),
        }
    }
}

/// How an attempt ended, before any of its answer went to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The provider answered with this status.
    Status(u16),
    /// No connection could be had: resolving, connecting or the TLS handshake failed or took too long.
    Connect,
    /// The connection was lost before the head of an answer was there.
    Lost,
    /// The head of an answer was not there in time.
    FirstByteTimeout,
}

/// What follows on a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// What there is, is the client's answer.
    Stop,
    /// The call is tried again after this time.
    WaitFor(Duration),
}

impl RetryPolicy {
    /// Returns how often a provider is asked at most, the first time included.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Decides what follows on the `attempt`th attempt, counted from 1, which ended as `outcome` says.
    ///
    /// Tried again are 429, 500 to 599 and whatever brought no answer, unless the provider said otherwise
    /// (`x-should-retry` wins over the status, as in the SDKs). The wait grows by the factor, is stretched
    /// by up to twice by `random` (evenly distributed over all of `u64`), ends at the longest wait, and
    /// is never shorter than the provider asked for. A provider that asks for more than `time_left`, or
    /// for more than a minute, is not asked again: its answer tells the client when to come back. Nor is
    /// one that would be asked when no time is left.
    pub fn verdict(
        &self,
        attempt: u32,
        outcome: Failure,
        hints: Hints,
        random: u64,
        time_left: Duration,
    ) -> Next {
        let asked_for = hints.retry_after.unwrap_or_default();
        if attempt >= self.attempts || !outcome.is_worth_another_try(hints) || asked_for > LONGEST_HINT {
            return Next::Stop;
        }
        let wait = self.backoff(attempt, random).max(asked_for);
        if wait < time_left { Next::WaitFor(wait) } else { Next::Stop }
    }

    /// The wait after the `attempt`th attempt, as npm's `retry` computes it.
    fn backoff(&self, attempt: u32, random: u64) -> Duration {
        let longest = self.max_timeout.as_nanos();
        let mut wait = self.min_timeout.as_nanos();
        for _ in 1..attempt.min(self.attempts) {
            wait = (wait * u128::from(self.factor_thousandths) / 1_000).min(longest);
        }
        // At most 36 bits times 64 bits: the product fits.
        let stretched = wait + ((wait * u128::from(random)) >> u64::BITS);
        Duration::from_nanos(u64::try_from(stretched.min(longest)).unwrap_or(u64::MAX))
    }
}

impl Failure {
    fn is_worth_another_try(self, hints: Hints) -> bool {
        let Self::Status(status) = self else { return true };
        // An answer that is no failure is the client's, whatever else it says.
        status >= 400 && hints.should_retry.unwrap_or(status == 429 || (500..=599).contains(&status))
    }
}

#[cfg(test)]
mod tests;
