//! What `Cache-Control` of a request says, read by its directives and never by parts of their names.

use std::time::Duration;

/// The longest that an entry is kept.
const LONGEST: Duration = Duration::from_hours(365 * 24);

/// The directives of a request that a cache obeys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Directives {
    pub(super) no_store: bool,
    pub(super) no_cache: bool,
    max_age: Option<Duration>,
    shared_max_age: Option<Duration>,
    /// Whether an age is not a whole number of seconds.
    pub(super) is_malformed: bool,
}

impl Directives {
    /// Reads the lines of the header, joined by commas; spaces may stand around every mark.
    ///
    /// Of a directive that is there twice the shorter age counts. An age that can't be read counts as 0, as
    /// RFC 9111 §4.2.1 advises: nothing is kept for longer than its caller meant.
    pub(super) fn read(value: &[u8]) -> Self {
        let mut directives = Self::default();
        for directive in value.split(|&byte| byte == b',') {
            let mut parts = directive.splitn(2, |&byte| byte == b'=');
            let name = parts.next().unwrap_or_default().trim_ascii();
            directives.take(name, parts.next());
        }
        directives
    }

    /// Returns how long an answer stays fresh, if the caller says so: `s-maxage` is for shared caches as this
    /// one, so it goes before `max-age`.
    pub(super) fn age(&self) -> Option<Duration> {
        self.shared_max_age.or(self.max_age)
    }

    fn take(&mut self, name: &[u8], value: Option<&[u8]>) {
        if name.eq_ignore_ascii_case(b"no-store") {
            self.no_store = true;
        } else if name.eq_ignore_ascii_case(b"no-cache") {
            self.no_cache = true;
        } else if name.eq_ignore_ascii_case(b"max-age") {
            let age = self.seconds(value);
            self.max_age = Some(self.max_age.map_or(age, |known| known.min(age)));
        } else if name.eq_ignore_ascii_case(b"s-maxage") {
            let age = self.seconds(value);
            self.shared_max_age = Some(self.shared_max_age.map_or(age, |known| known.min(age)));
        }
    }

    fn seconds(&mut self, value: Option<&[u8]>) -> Duration {
        let value = value.unwrap_or_default().trim_ascii();
        let quoted = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\""));
        let digits = quoted.unwrap_or(value).trim_ascii();
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            self.is_malformed = true;
            return Duration::ZERO;
        }
        let digit =
            |seconds: u64, byte: &u8| seconds.saturating_mul(10).saturating_add(u64::from(byte - b'0'));
        Duration::from_secs(digits.iter().fold(0, digit)).min(LONGEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_ages_however_they_are_written() {
        let check = |value: &str, seconds: Option<u64>| {
            let age = Directives::read(value.as_bytes()).age();
            assert_eq!(age, seconds.map(Duration::from_secs), "{value}");
        };
        check("", None);
        check("max-age=60", Some(60));
        check("max-age = 2592000", Some(2_592_000));
        check("  Max-Age=60 , private", Some(60));
        check("max-age=\"60\"", Some(60));
        check("max-age=60, s-maxage=10", Some(10));
        check("s-maxage=600,max-age=60", Some(600));
        check("max-age=60, max-age=30", Some(30));
        check("max-age=0", Some(0));
        check("max-age=31536001", Some(31_536_000));
        check("max-age=99999999999999999999999", Some(31_536_000));
        check("x-s-maxage=5", None);
        check("x-max-age=5, max-ageing=5, stale-max-age=4", None);
        check("public, private, must-revalidate", None);
    }

    #[test]
    fn takes_an_age_that_can_not_be_read_for_none_at_all() {
        for value in
            ["max-age", "max-age=", "max-age=-1", "max-age=1.5", "max-age=1h", "s-maxage=x", "max-age==5"]
        {
            let directives = Directives::read(value.as_bytes());
            assert_eq!(directives.age(), Some(Duration::ZERO), "{value}");
            assert!(directives.is_malformed, "{value}");
        }
        assert!(!Directives::read(b"max-age=5, =, ,x=").is_malformed);
    }

    #[test]
    fn tells_what_may_not_be_stored_or_read() {
        let read = |value: &str| {
            let directives = Directives::read(value.as_bytes());
            (directives.no_store, directives.no_cache)
        };
        assert_eq!(read("no-store"), (true, false));
        assert_eq!(read("NO-CACHE, max-age=5"), (false, true));
        assert_eq!(read("no-cache=\"set-cookie\""), (false, true));
        assert_eq!(read("no-storex, xno-cache, private"), (false, false));
    }
}
