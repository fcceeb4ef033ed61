//! How much of something may be used in a window: the policies of `Helicone-RateLimit-Policy`, and the
//! meters that keep to them.
//!
//! A [`Policy`] says what is allowed, a [`Meter`] knows what was used. [`Bucket`] lets a full quota through
//! at once and the rest evenly; [`Window`] never lets more than the quota through in any span of the window's
//! length. Amounts are whole numbers in the smallest step of their unit, so that nothing is ever rounded up
//! for anybody.

use std::fmt;
use std::time::Duration;

use gatehouse_types::{NanoUsd, Timestamp};

pub mod bucket;
pub mod parse;
pub mod segment;
pub mod window;

pub use bucket::Bucket;
pub use parse::{Policies, PolicyError};
pub use segment::segment_value;
pub use window::Window;

/// The most that a policy may allow: beyond it, cents would no longer fit into [`NanoUsd`].
pub const MAX_QUOTA: u64 = 100_000_000_000;
/// The shortest window of a policy.
pub const MIN_WINDOW: Duration = Duration::from_mins(1);
/// The longest window of a policy: a year.
pub const MAX_WINDOW: Duration = Duration::from_hours(365 * 24);
/// How far the times that callers hand in may lie behind one another without being taken for a clock that
/// was set back.
const SLACK_US: i64 = 1_000_000;
/// After how long another try makes sense where only calls in flight are in the way, whose end nobody knows.
const NEXT_TRY: Duration = Duration::from_secs(1);

/// What may be used in a window, and who shares it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Policy {
    /// How much may be used in a window, in whole `unit`s: 1 to [`MAX_QUOTA`].
    pub quota: u64,
    /// The window, in whole seconds: [`MIN_WINDOW`] to [`MAX_WINDOW`].
    pub window: Duration,
    /// What is counted.
    pub unit: Unit,
    /// Whose calls are counted together.
    pub segment: Segment,
}

/// What a policy counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Calls.
    #[default]
    Request,
    /// Cost, in US cents.
    Cents,
    /// Tokens, of requests and answers together.
    Tokens,
}

/// Whose calls a policy counts together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Segment {
    /// All of them.
    #[default]
    Global,
    /// Those of one user.
    User,
    /// Those with one value of the property of this name, which is in lower case.
    Property(String),
}

/// How much of a unit, in its smallest step: calls, tokens, or 10⁻⁹ US dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(u64);

/// How much may be used in a window.
///
/// # Invariants
/// The window is at least a microsecond long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    capacity: Amount,
    window_us: u64,
}

/// Where in a meter an amount was taken, so that it can be given back there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark(i64);

/// Knows what was used and what is left.
///
/// An amount that is known beforehand is taken. One that is not is held as an estimate while the call is in
/// flight, and spent when its end is known; what is held counts as used, and comes back by itself never. An
/// amount of 0 is let through where anything is left at all.
///
/// A clock that was set back gives nothing back and locks nobody out: time just goes on from there.
pub trait Meter: Send {
    /// Takes `amount` if it is left, and returns where; takes nothing otherwise.
    fn take(&mut self, amount: Amount, now: Timestamp) -> Option<Mark>;

    /// Gives back an amount that was taken at `mark` and not used after all.
    ///
    /// What time brought back already is not given back a second time.
    fn give_back(&mut self, amount: Amount, mark: Mark, now: Timestamp);

    /// Sets `amount` aside if it is left, and returns whether it was.
    fn hold(&mut self, amount: Amount, now: Timestamp) -> bool;

    /// Ends the hold of an amount, of which nothing was used.
    fn release(&mut self, held: Amount);

    /// Ends the hold of an amount, and spends what was used instead; `None` where nobody knows, which spends
    /// what was held. More than was held may leave less than nothing, and the next calls wait for it.
    fn settle(&mut self, held: Amount, used: Option<Amount>, now: Timestamp);

    /// Returns what is left; never less than nothing.
    fn remaining(&self, now: Timestamp) -> Amount;

    /// Returns the time until everything is there again, were all that is held spent now.
    fn reset_after(&self, now: Timestamp) -> Duration;

    /// Returns the time until `amount` is there if nobody takes anything before; `None` where it never is,
    /// because it is more than is ever allowed.
    fn retry_after(&self, amount: Amount, now: Timestamp) -> Option<Duration>;

    /// Returns whether it is as good as a new one.
    fn is_idle(&self, now: Timestamp) -> bool;

    /// Writes it down as [`restore`] reads it, what is held as spent: whoever reads it knows nothing of the
    /// calls that were in flight.
    fn to_bytes(&self, now: Timestamp) -> Vec<u8>;
}

/// Returns the meter that [`Meter::to_bytes`] wrote down, or `None` where `bytes` are none.
pub fn restore(bytes: &[u8]) -> Option<Box<dyn Meter>> {
    match bytes.split_first()? {
        (&bucket::FORM, rest) => Some(Box::new(Bucket::from_bytes(rest)?)),
        (&window::FORM, rest) => Some(Box::new(Window::from_bytes(rest)?)),
        _ => None,
    }
}

impl Policy {
    /// Returns what the policy allows, in the smallest step of its unit.
    pub fn rate(&self) -> Rate {
        Rate::new(self.unit.whole(self.quota), self.window)
    }
}

/// Writes the canonical text, with nothing that goes without saying: `10;w=60`, `5;w=3600;u=cents;s=user`.
impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{};w={}", self.quota, self.window.as_secs())?;
        if self.unit != Unit::Request {
            write!(f, ";u={}", self.unit)?;
        }
        match &self.segment {
            Segment::Global => Ok(()),
            Segment::User => f.write_str(";s=user"),
            Segment::Property(name) => write!(f, ";s={name}"),
        }
    }
}

impl Unit {
    /// Returns so many whole units.
    pub const fn whole(self, units: u64) -> Amount {
        Amount(units.saturating_mul(self.steps()))
    }

    /// Returns how many whole units an amount has.
    pub const fn in_whole(self, amount: Amount) -> u64 {
        amount.0 / self.steps()
    }

    /// Returns how many of the smallest step make a whole one.
    const fn steps(self) -> u64 {
        match self {
            Self::Request | Self::Tokens => 1,
            Self::Cents => 10_000_000,
        }
    }
}

/// Writes the name that policies have for it.
impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Request => "request",
            Self::Cents => "cents",
            Self::Tokens => "tokens",
        })
    }
}

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// One call.
    pub const ONE_REQUEST: Self = Self(1);

    /// Returns so many calls, tokens or nano-dollars.
    pub const fn new(steps: u64) -> Self {
        Self(steps)
    }

    /// Returns the number of calls, tokens or nano-dollars.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Returns a cost; a negative one is none.
    pub fn of_cost(cost: NanoUsd) -> Self {
        Self(u64::try_from(cost.get()).unwrap_or(0))
    }
}

impl Rate {
    /// Allows `capacity` in each `window`.
    pub fn new(capacity: Amount, window: Duration) -> Self {
        let window_us = u64::try_from(window.as_micros()).unwrap_or(u64::MAX);
        Self { capacity, window_us: window_us.clamp(1, i64::MAX.unsigned_abs()) }
    }

    /// Returns how much is allowed.
    pub const fn capacity(self) -> Amount {
        self.capacity
    }

    /// Returns the window.
    pub const fn window(self) -> Duration {
        Duration::from_micros(self.window_us)
    }
}

/// Takes the next eight bytes off `bytes`.
fn take_eight(bytes: &mut &[u8]) -> Option<[u8; 8]> {
    let (first, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*first)
}

impl Rate {
    fn write(self, bytes: &mut Vec<u8>) {
        bytes.extend(self.capacity.0.to_le_bytes());
        bytes.extend(self.window_us.to_le_bytes());
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        let capacity = Amount(u64::from_le_bytes(take_eight(bytes)?));
        let window = Duration::from_micros(u64::from_le_bytes(take_eight(bytes)?));
        Some(Self::new(capacity, window))
    }
}

#[cfg(test)]
mod tests;
