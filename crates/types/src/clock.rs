//! Wall-clock time as a value, and the trait it comes through so that tests can set it.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A point in time, in microseconds since the Unix epoch (UTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Returns the point `micros` microseconds after the Unix epoch.
    pub const fn from_unix_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Returns the microseconds since the Unix epoch.
    pub const fn as_unix_micros(self) -> i64 {
        self.0
    }

    /// Parses an RFC 3339 / ISO 8601 instant; a value without an offset is taken as UTC.
    ///
    /// Returns `None` for anything that is not an instant.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(instant) = text.parse::<jiff::Timestamp>() {
            return Some(Self(instant.as_microsecond()));
        }
        let civil = text.parse::<jiff::civil::DateTime>().ok()?;
        let zoned = civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(Self(zoned.timestamp().as_microsecond()))
    }

    /// Returns the day in UTC, counted from the Unix epoch; 0 for times before it.
    pub fn unix_day(self) -> u32 {
        const DAY_US: i64 = 86_400_000_000;
        u32::try_from(self.0.div_euclid(DAY_US)).unwrap_or(0)
    }

    /// Returns this point moved forward by `duration`, saturating at the end of time.
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)))
    }
}

/// Writes ISO 8601 in UTC with millisecond precision: `2026-11-22T14:06:00.123Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(instant) => write!(f, "{instant:.3}"),
            Err(_) => write!(f, "{}us", self.0),
        }
    }
}

/// Where the time comes from.
pub trait Clock: Send + Sync {
    /// Returns the current time.
    fn now(&self) -> Timestamp;
}

/// The machine's own clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the machine's clock")]
    fn now(&self) -> Timestamp {
        let since_epoch =
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Timestamp(i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_and_parses_iso_8601() {
        let instant = Timestamp::from_unix_micros(1_795_356_360_123_456);
        assert_eq!(instant.to_string(), "2026-11-22T14:06:00.123Z");
        assert_eq!(
            Timestamp::parse("2026-11-22T14:06:00.123Z").map(|t| t.to_string()),
            Some("2026-11-22T14:06:00.123Z".to_owned())
        );
        assert_eq!(
            Timestamp::parse("2026-11-22 14:06:00").map(|t| t.to_string()),
            Some("2026-11-22T14:06:00.000Z".to_owned())
        );
        assert_eq!(Timestamp::parse("yesterday"), None);
    }
}
