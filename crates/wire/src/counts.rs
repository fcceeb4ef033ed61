//! Counts as providers send them, sums of money, and what follows from them.

use gatehouse_types::{NanoUsd, Usage};

use crate::json::Scalar;

/// The largest number that every JSON reader takes exactly; no call uses as many tokens.
const MOST: u64 = 1 << 53;
/// The same as a fraction.
const MOST_EXACT: f64 = 9_007_199_254_740_992.0;
/// How many milliseconds a second has.
const MILLIS: f64 = 1000.0;
/// How many nano-dollars a dollar has.
const NANOS: f64 = 1_000_000_000.0;
/// How many of xAI's ticks a nano-dollar has: a dollar has 10¹⁰ of them.
const TICKS_PER_NANO: u64 = 10;

/// One count as it is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Count {
    /// There is none.
    #[default]
    Absent,
    /// So many.
    Of(u64),
    /// A negative or absurd number, a fraction, a string: not a count.
    Invalid,
}

impl From<Scalar<'_>> for Count {
    fn from(value: Scalar<'_>) -> Self {
        match value {
            Scalar::Null => Self::Absent,
            Scalar::Unsigned(count @ 0..=MOST) => Self::Of(count),
            // Some write every number with a point.
            Scalar::Fraction(count) if count.fract() == 0.0 => rounded(count).map_or(Self::Invalid, Self::Of),
            _ => Self::Invalid,
        }
    }
}

impl Count {
    /// Returns a length of time that is sent in seconds, in milliseconds.
    pub(crate) fn of_seconds(seconds: &Scalar<'_>) -> Self {
        let seconds = match seconds {
            Scalar::Null => return Self::Absent,
            Scalar::Unsigned(seconds) => return seconds.checked_mul(1000).map_or(Self::Invalid, Self::Of),
            Scalar::Fraction(seconds) => Some(*seconds),
            Scalar::Text(seconds) => seconds.parse().ok(),
            _ => None,
        };
        seconds.and_then(|seconds| rounded(seconds * MILLIS)).map_or(Self::Invalid, Self::Of)
    }

    /// Returns the count, `Some(None)` if there is none, `None` if it is not valid.
    pub(crate) fn valid(self) -> Option<Option<u64>> {
        match self {
            Self::Absent => Some(None),
            Self::Of(count) => Some(Some(count)),
            Self::Invalid => None,
        }
    }

    /// Takes a later value of the same counter, if there is one.
    pub(crate) fn replace(&mut self, later: Self) {
        if later != Self::Absent {
            *self = later;
        }
    }

    /// Adds another count of the same kind; one that is not valid spoils the sum.
    pub(crate) fn add(&mut self, other: Self) {
        *self = match (*self, other) {
            (one, Self::Absent) | (Self::Absent, one) => one,
            (Self::Of(one), Self::Of(other)) if one + other <= MOST => Self::Of(one + other),
            _ => Self::Invalid,
        };
    }

    /// Returns whether anything was counted, or something that can't be read.
    pub(crate) fn is_some_use(self) -> bool {
        !matches!(self, Self::Absent | Self::Of(0))
    }
}

/// Returns a sum of dollars, to the nearest nano-dollar; `None` for what is no price of a call.
pub(crate) fn dollars(sum: &Scalar<'_>) -> Option<NanoUsd> {
    let nanos = match sum {
        Scalar::Unsigned(dollars) => dollars.checked_mul(1_000_000_000)?,
        Scalar::Fraction(dollars) => rounded(dollars * NANOS)?,
        Scalar::Text(dollars) => rounded(dollars.parse::<f64>().ok()? * NANOS)?,
        _ => return None,
    };
    i64::try_from(nanos).ok().map(NanoUsd::new)
}

/// Returns a sum of xAI's ticks, of which a dollar has 10¹⁰, to the nearest nano-dollar.
pub(crate) fn ticks(sum: &Scalar<'_>) -> Option<NanoUsd> {
    let Count::Of(ticks) = Count::from(sum.clone()) else { return None };
    i64::try_from((ticks + TICKS_PER_NANO / 2) / TICKS_PER_NANO).ok().map(NanoUsd::new)
}

/// The nearest integer; `None` for what is negative, absurd or no number.
fn rounded(value: f64) -> Option<u64> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
    (0.0..=MOST_EXACT).contains(&value).then(|| value.round() as u64)
}

/// Takes the parts from a whole; `None` when they are more than the whole, or parts of nothing.
pub(crate) fn without(whole: Option<u64>, parts: &[Option<u64>]) -> Option<Option<u64>> {
    let Some(whole) = whole else {
        return parts.iter().all(|part| part.unwrap_or(0) == 0).then_some(None);
    };
    parts.iter().flatten().try_fold(whole, |left, part| left.checked_sub(*part)).map(Some)
}

/// Returns the sum of the counts that are known.
pub(crate) fn sum(counts: &[Option<u64>]) -> u64 {
    counts.iter().flatten().fold(0, |sum, count| sum.saturating_add(*count))
}

/// What is left of counts that contradict each other: the provider's own total.
pub(crate) fn only_total(total: Option<u64>) -> Option<Usage> {
    total.map(|_| Usage { total, ..Usage::default() })
}
