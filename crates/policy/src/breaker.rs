//! Leaving an origin alone that has failed too often in a row.
//!
//! A breaker is closed while its origin answers. After as many failures in a row as the settings say it opens,
//! and calls fail at once instead of waiting for what won't come. When the pause is over, one call at a time
//! is let through to find out; an answer closes the breaker again, a failure opens it for another pause.

use std::time::Duration;

use gatehouse_types::Timestamp;

use crate::retry::Failure;

/// When a breaker opens, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerSettings {
    /// How many failures in a row open it, at least 1 (0 counts as 1).
    pub failures: u32,
    /// How long it stays open before a call may find out whether the origin is back, and how long that call may
    /// take before another one may.
    pub pause: Duration,
}

/// The breaker of one origin.
///
/// Every [`Pass`] that it gives is to be handed back by [`Breaker::succeeded`], [`Breaker::failed`] or
/// [`Breaker::gave_up`]; one that never is holds others up for one pause at most.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Breaker {
    state: State,
    /// Counts the changes of state, so that a call of an earlier one changes nothing.
    generation: u64,
}

/// What the state of a breaker is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerState {
    /// Every call is let through.
    Closed,
    /// None is.
    Open,
    /// One at a time is.
    HalfOpen,
}

/// The permission to make one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "the breaker has to hear how the call ended"]
pub struct Pass {
    generation: u64,
}

/// Why a call is not let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BrokenCircuit {
    /// How long to wait at least before another try.
    pub retry_after: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// With the failures in a row so far.
    Closed { failures: u32 },
    /// Since then.
    Open { since: Timestamp },
    /// A call is finding out since then.
    HalfOpen { since: Timestamp },
}

impl Default for State {
    fn default() -> Self {
        Self::Closed { failures: 0 }
    }
}

impl Breaker {
    /// Returns what the state is called.
    pub fn state(&self) -> BreakerState {
        match self.state {
            State::Closed { .. } => BreakerState::Closed,
            State::Open { .. } => BreakerState::Open,
            State::HalfOpen { .. } => BreakerState::HalfOpen,
        }
    }

    /// Lets a call through, or not.
    ///
    /// # Errors
    /// Fails while the breaker is open, or while another call is finding out.
    pub fn admit(&mut self, now: Timestamp, settings: BreakerSettings) -> Result<Pass, BrokenCircuit> {
        if let State::Open { since } | State::HalfOpen { since } = self.state {
            let left = left_of(settings.pause, since, now);
            if !left.is_zero() {
                return Err(BrokenCircuit { retry_after: left });
            }
            self.change(State::HalfOpen { since: now });
        }
        Ok(Pass { generation: self.generation })
    }

    /// Takes note that the origin answered a call, whatever it said but for what [`is_failure`] names.
    pub fn succeeded(&mut self, pass: Pass) {
        if pass.generation != self.generation {
            return;
        }
        match self.state {
            State::Closed { .. } => self.state = State::default(),
            State::HalfOpen { .. } => self.change(State::default()),
            State::Open { .. } => {}
        }
    }

    /// Takes note that a call failed.
    pub fn failed(&mut self, pass: Pass, now: Timestamp, settings: BreakerSettings) {
        if pass.generation != self.generation {
            return;
        }
        match self.state {
            State::Closed { failures } if failures.saturating_add(1) < settings.failures => {
                self.state = State::Closed { failures: failures + 1 };
            }
            State::Closed { .. } | State::HalfOpen { .. } => self.change(State::Open { since: now }),
            State::Open { .. } => {}
        }
    }

    /// Takes note that nobody will know how a call would have ended: its client went away. Where it was to find
    /// out, the next call may.
    pub fn gave_up(&mut self, pass: Pass) {
        if pass.generation == self.generation && matches!(self.state, State::HalfOpen { .. }) {
            // The pause was over when this call was let through.
            self.change(State::Open { since: Timestamp::from_unix_micros(i64::MIN) });
        }
    }

    fn change(&mut self, state: State) {
        self.state = state;
        self.generation = self.generation.wrapping_add(1);
    }
}

/// Returns whether an attempt that ended so speaks against its origin: it brought no answer, or one of 500 to
/// 599. A 429 is the answer of an origin that is well.
pub fn is_failure(outcome: Failure) -> bool {
    match outcome {
        Failure::Status(status) => (500..=599).contains(&status),
        Failure::Connect | Failure::Lost | Failure::FirstByteTimeout => true,
    }
}

/// Returns what is left of a pause; nothing when the clock was set back behind its beginning, so that nobody
/// is locked out.
fn left_of(pause: Duration, since: Timestamp, now: Timestamp) -> Duration {
    let passed_us = now.as_unix_micros().saturating_sub(since.as_unix_micros());
    u64::try_from(passed_us).map_or(Duration::ZERO, |us| pause.saturating_sub(Duration::from_micros(us)))
}

#[cfg(test)]
mod tests;
