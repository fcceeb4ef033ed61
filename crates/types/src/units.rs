//! Units that must not be mixed up.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An amount of money in 10⁻⁹ US dollars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NanoUsd(i64);

impl NanoUsd {
    /// Wraps a count of nano-dollars.
    pub const fn new(nanos: i64) -> Self {
        Self(nanos)
    }

    /// Returns the count of nano-dollars.
    pub const fn get(self) -> i64 {
        self.0
    }
}

/// Writes dollars with all nine decimals: `0.000012500`.
impl fmt::Display for NanoUsd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let magnitude = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:09}", magnitude / 1_000_000_000, magnitude % 1_000_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_dollars_exactly() {
        assert_eq!(NanoUsd::new(12_500).to_string(), "0.000012500");
        assert_eq!(NanoUsd::new(-1_000_000_001).to_string(), "-1.000000001");
    }
}
