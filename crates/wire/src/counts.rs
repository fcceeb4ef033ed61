//! Counts of tokens as providers send them, and what follows from them.

use gatehouse_types::Usage;

use crate::json::Scalar;

/// The largest number that every JSON reader takes exactly; no call uses as many tokens.
const MOST_TOKENS: u64 = 1 << 53;

/// One count as it is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Count {
    /// There is none.
    #[default]
    Absent,
    /// So many.
    Tokens(u64),
    /// A negative or absurd number, a fraction, a string: not a count of tokens.
    Invalid,
}

impl From<Scalar<'_>> for Count {
    fn from(value: Scalar<'_>) -> Self {
        match value {
            Scalar::Null => Self::Absent,
            Scalar::Unsigned(tokens @ 0..=MOST_TOKENS) => Self::Tokens(tokens),
            _ => Self::Invalid,
        }
    }
}

impl Count {
    /// Returns the tokens, `Some(None)` if there is no such count, `None` if it is not valid.
    pub(crate) fn valid(self) -> Option<Option<u64>> {
        match self {
            Self::Absent => Some(None),
            Self::Tokens(tokens) => Some(Some(tokens)),
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
            (Self::Tokens(one), Self::Tokens(other)) if one + other <= MOST_TOKENS => {
                Self::Tokens(one + other)
            }
            _ => Self::Invalid,
        };
    }

    /// Returns whether anything was counted, or something that can't be read.
    pub(crate) fn is_some_use(self) -> bool {
        !matches!(self, Self::Absent | Self::Tokens(0))
    }
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
