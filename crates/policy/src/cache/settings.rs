//! What a call asks of the cache, from its headers.

use std::time::Duration;

use super::directives::Directives;

/// The most slots that a bucket has.
pub const MOST_SLOTS: u8 = 20;
/// How long an answer is kept when the caller does not say.
const DEFAULT_LIFETIME: Duration = Duration::from_hours(7 * 24);

/// The values of the headers as they came; `None` where there is no such header.
#[derive(Clone, Copy, Debug, Default)]
pub struct CacheHeaders<'a> {
    /// `Helicone-Cache-Enabled`.
    pub enabled: Option<&'a [u8]>,
    /// `Helicone-Cache-Save`.
    pub save: Option<&'a [u8]>,
    /// `Helicone-Cache-Read`.
    pub read: Option<&'a [u8]>,
    /// `Helicone-Cache-Bucket-Max-Size`.
    pub bucket_max_size: Option<&'a [u8]>,
    /// `Helicone-Cache-Seed`.
    pub seed: Option<&'a [u8]>,
    /// `Helicone-Cache-Ignore-Keys`.
    pub ignore_keys: Option<&'a [u8]>,
    /// `Cache-Control`, its lines joined by commas.
    pub cache_control: Option<&'a [u8]>,
}

/// A header that does not say what it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CacheProblem {
    /// Neither `true` nor `false`.
    #[error("`{0}` must be `true` or `false`")]
    Flag(&'static str),
    /// No number, or none that a bucket can have.
    #[error("`Helicone-Cache-Bucket-Max-Size` must be a whole number from 1 to {MOST_SLOTS}")]
    BucketSize,
    /// `max-age` or `s-maxage` without a whole number of seconds.
    #[error("`max-age` and `s-maxage` of `Cache-Control` must be a whole number of seconds")]
    CacheControl,
    /// Keys that are not UTF-8, as no key of a JSON document can be.
    #[error("`Helicone-Cache-Ignore-Keys` must be names of JSON keys, separated by commas")]
    IgnoreKeys,
}

/// What a call asks of the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheSettings {
    /// Whether it may be answered from the cache.
    pub reads: bool,
    /// Whether its answer may be kept.
    pub saves: bool,
    /// How long its answer is kept; never more than 365 days, and more than 0 where it `saves`.
    pub lifetime: Duration,
    /// The age up to which an answer is good for it; `None` where it says nothing about that.
    pub max_age: Option<Duration>,
    /// How many different answers to it are collected before one of them is given again: 1 to [`MOST_SLOTS`].
    pub slots: u8,
    /// Calls with different seeds share nothing.
    pub seed: Vec<u8>,
    /// The keys at the top of a JSON body that make no difference.
    pub ignored_keys: Vec<String>,
    /// The first header that does not say what it should, whose meaning is then the closest that is allowed.
    pub problem: Option<CacheProblem>,
}

impl CacheSettings {
    /// Reads the headers.
    ///
    /// A flag that is neither `true` nor `false` counts as `false`; a bucket size that is too large as the
    /// largest, and any other that is none as 1. `no-store` takes the call past the cache, `no-cache` past
    /// what is kept so far, and an age of 0 is both. `private` says nothing here: entries are a caller's own.
    pub fn read(headers: &CacheHeaders<'_>) -> Self {
        let mut problem = None;
        let mut note = |found: Option<CacheProblem>| problem = problem.or(found);
        let mut flag = |name: &'static str, value: Option<&[u8]>| {
            let value = value.unwrap_or_default().trim_ascii();
            let is_true = value.eq_ignore_ascii_case(b"true");
            let is_flag = is_true || value.is_empty() || value.eq_ignore_ascii_case(b"false");
            note((!is_flag).then_some(CacheProblem::Flag(name)));
            is_true
        };
        let enabled = flag("Helicone-Cache-Enabled", headers.enabled);
        let save = flag("Helicone-Cache-Save", headers.save) || enabled;
        let read = flag("Helicone-Cache-Read", headers.read) || enabled;
        let (slots, is_size) = slots(headers.bucket_max_size);
        note((!is_size).then_some(CacheProblem::BucketSize));
        let keys = std::str::from_utf8(headers.ignore_keys.unwrap_or_default());
        note(keys.err().map(|_| CacheProblem::IgnoreKeys));
        let directives = Directives::read(headers.cache_control.unwrap_or_default());
        let is_on = save || read;
        note((is_on && directives.is_malformed).then_some(CacheProblem::CacheControl));
        let max_age = directives.age();
        let lifetime = max_age.unwrap_or(DEFAULT_LIFETIME);
        let is_used = !directives.no_store && !lifetime.is_zero();
        Self {
            reads: read && is_used && !directives.no_cache,
            saves: save && is_used,
            lifetime,
            max_age,
            slots,
            seed: headers.seed.unwrap_or_default().to_vec(),
            ignored_keys: ignored_keys(keys.unwrap_or_default()),
            problem,
        }
    }

    /// Returns whether the call has anything to do with the cache.
    pub const fn is_on(&self) -> bool {
        self.reads || self.saves
    }
}

/// Returns the size of the bucket, and whether it was given as it should.
fn slots(value: Option<&[u8]>) -> (u8, bool) {
    let Some(value) = value.map(<[u8]>::trim_ascii).filter(|value| !value.is_empty()) else {
        return (1, true);
    };
    if !value.iter().all(u8::is_ascii_digit) {
        return (1, false);
    }
    let size = std::str::from_utf8(value).ok().and_then(|digits| digits.parse::<u64>().ok());
    match size.unwrap_or(u64::MAX) {
        0 => (1, false),
        size => {
            u8::try_from(size).map_or((MOST_SLOTS, false), |size| (size.min(MOST_SLOTS), size <= MOST_SLOTS))
        }
    }
}

fn ignored_keys(value: &str) -> Vec<String> {
    let mut keys: Vec<String> =
        value.split(',').map(str::trim).filter(|key| !key.is_empty()).map(str::to_owned).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enabled(cache_control: &str) -> CacheSettings {
        CacheSettings::read(&CacheHeaders {
            enabled: Some(b"true"),
            cache_control: Some(cache_control.as_bytes()),
            ..CacheHeaders::default()
        })
    }

    #[test]
    fn is_off_unless_asked_for() {
        assert!(!CacheSettings::read(&CacheHeaders::default()).is_on());
        let check = |enabled: &[u8], read: &[u8], save: &[u8], expected: (bool, bool)| {
            let headers = CacheHeaders {
                enabled: Some(enabled),
                read: Some(read),
                save: Some(save),
                ..CacheHeaders::default()
            };
            let settings = CacheSettings::read(&headers);
            assert_eq!((settings.reads, settings.saves), expected, "{headers:?}");
        };
        check(b" TRUE ", b"", b"false", (true, true));
        check(b"false", b"True", b"", (true, false));
        check(b"", b"", b"true", (false, true));
        check(b"1", b"yes", b"t\xfcr", (false, false));
    }

    #[test]
    fn obeys_cache_control() {
        let check = |value: &str, expected: (bool, bool), hours: u64| {
            let settings = enabled(value);
            assert_eq!((settings.reads, settings.saves), expected, "{value}");
            assert_eq!(settings.lifetime, Duration::from_hours(hours), "{value}");
        };
        check("", (true, true), 168);
        check("private", (true, true), 168);
        check("max-age=3600", (true, true), 1);
        check("no-store", (false, false), 168);
        check("no-cache", (false, true), 168);
        check("no-cache, no-store", (false, false), 168);
        check("max-age=0", (false, false), 0);
        check("max-age=abc", (false, false), 0);
        check("max-age=0, s-maxage=7200", (true, true), 2);
        assert_eq!(enabled("max-age=x").problem, Some(CacheProblem::CacheControl));
        let off = CacheHeaders { cache_control: Some(b"max-age=x"), ..CacheHeaders::default() };
        assert_eq!(CacheSettings::read(&off).problem, None, "the header is not for the gateway then");
    }

    #[test]
    fn keeps_the_size_of_buckets_in_bounds() {
        for (value, slots, is_size) in [
            ("", 1, true),
            ("1", 1, true),
            (" 20 ", 20, true),
            ("007", 7, true),
            ("0", 1, false),
            ("21", 20, false),
            ("300", 20, false),
            ("99999999999999999999999", 20, false),
            ("-1", 1, false),
            ("+3", 1, false),
            ("2.5", 1, false),
            ("two", 1, false),
        ] {
            let headers = CacheHeaders { bucket_max_size: Some(value.as_bytes()), ..CacheHeaders::default() };
            let settings = CacheSettings::read(&headers);
            assert_eq!(settings.slots, slots, "{value}");
            assert_eq!(settings.problem, (!is_size).then_some(CacheProblem::BucketSize), "{value}");
        }
    }

    #[test]
    fn reads_ignored_keys_as_a_list() {
        let headers =
            CacheHeaders { ignore_keys: Some(b" user, metadata ,,user"), ..CacheHeaders::default() };
        assert_eq!(CacheSettings::read(&headers).ignored_keys, ["metadata", "user"]);
        let headers = CacheHeaders { ignore_keys: Some(b"us\xff"), ..CacheHeaders::default() };
        let settings = CacheSettings::read(&headers);
        assert_eq!((settings.ignored_keys.len(), settings.problem), (0, Some(CacheProblem::IgnoreKeys)));
    }

    #[test]
    fn names_the_first_header_that_is_wrong() {
        let headers =
            CacheHeaders { save: Some(b"maybe"), bucket_max_size: Some(b"x"), ..CacheHeaders::default() };
        let problem = CacheSettings::read(&headers).problem.map(|problem| problem.to_string());
        assert_eq!(problem.as_deref(), Some("`Helicone-Cache-Save` must be `true` or `false`"));
    }
}
