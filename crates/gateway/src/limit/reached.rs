//! A limit that was reached, as a refused client is told of it.

use std::time::Duration;

use gatehouse_policy::DomainLimits;
use http::HeaderMap;
use http::header::{HeaderName, HeaderValue, RETRY_AFTER};

const RATE_LIMIT_LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const RATE_LIMIT_REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RATE_LIMIT_RESET: HeaderName = HeaderName::from_static("ratelimit-reset");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
pub(super) const SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");
/// A client that is told to wait longer than this had better give up: some SDKs sleep for as long as they
/// are told.
pub(super) const WORTH_WAITING: Duration = Duration::from_mins(1);
const SECONDS_OF_A_DAY: u64 = 24 * 60 * 60;

/// A limit that was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit {
    /// How many calls pass in a window.
    pub(crate) quota: u64,
    /// The window's name: `second` or `day`.
    pub(crate) window: &'static str,
    window_seconds: u64,
    retry_after: Duration,
}

impl Limit {
    pub(crate) fn per_second(limits: DomainLimits, retry_after: Duration) -> Self {
        let quota = u64::from(limits.requests_per_second);
        Self { quota, window: "second", window_seconds: 1, retry_after }
    }

    pub(crate) const fn of_day(quota: u64, retry_after: Duration) -> Self {
        Self { quota, window: "day", window_seconds: SECONDS_OF_A_DAY, retry_after }
    }

    /// Writes the headers of a refusal: `Retry-After` (RFC 9110 §10.2.3) and the `RateLimit` fields of the
    /// IETF's draft that clients know.
    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        let seconds = self.retry_after.as_micros().div_ceil(1_000_000).max(1);
        let seconds = u64::try_from(seconds).unwrap_or(u64::MAX);
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        headers.insert(RATE_LIMIT_LIMIT, HeaderValue::from(self.quota));
        headers.insert(RATE_LIMIT_REMAINING, HeaderValue::from(0));
        headers.insert(RATE_LIMIT_RESET, HeaderValue::from(seconds));
        let policy = format!("{};w={}", self.quota, self.window_seconds);
        if let Ok(policy) = HeaderValue::try_from(policy) {
            headers.insert(RATE_LIMIT_POLICY, policy);
        }
        if self.retry_after > WORTH_WAITING {
            headers.insert(SHOULD_RETRY, HeaderValue::from_static("false"));
        }
    }
}
