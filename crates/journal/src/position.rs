//! A place in the journal.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

/// A logical byte offset over all segments; it grows with every record and may jump, but never goes back.
///
/// The header of a segment file does not count; the frame of a record does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position(u64);

impl Position {
    /// Returns the position with this number.
    #[must_use]
    pub const fn from_u64(offset: u64) -> Self {
        Self(offset)
    }

    /// Returns the number of this position.
    #[must_use]
    pub const fn as_u64(self) -> u64 {
        self.0
    }

    pub(crate) const fn plus(self, bytes: u64) -> Self {
        Self(self.0.saturating_add(bytes))
    }

    /// Returns the number of bytes from `earlier` to here, 0 if `earlier` is later.
    pub(crate) const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl FromStr for Position {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}
