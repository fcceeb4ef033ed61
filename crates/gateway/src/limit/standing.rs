//! How a limit stands, as the caller is told.

use std::time::Duration;

use gatehouse_store::limits::Standing;
use http::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};

use super::reached::{SHOULD_RETRY, WORTH_WAITING};

/// Helicone's headers, and those of the IETF's draft that clients know.
const LIMIT: [&str; 2] = ["helicone-ratelimit-limit", "ratelimit-limit"];
const REMAINING: [&str; 2] = ["helicone-ratelimit-remaining", "ratelimit-remaining"];
const RESET: [&str; 2] = ["helicone-ratelimit-reset", "ratelimit-reset"];
const POLICY: [&str; 2] = ["helicone-ratelimit-policy", "ratelimit-policy"];

/// A limit that a call would go beyond.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reached {
    pub(crate) policy: String,
    /// When the call would be within it; `None` for one that never is.
    pub(crate) retry_after: Option<Duration>,
}

impl Reached {
    /// Writes the headers of a refusal. A client that would have to wait for long had better give up: some
    /// SDKs sleep for as long as they are told.
    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        if let Some(wait) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds(wait).max(1)));
        }
        if self.retry_after.is_none_or(|wait| wait > WORTH_WAITING) {
            headers.insert(SHOULD_RETRY, HeaderValue::from_static("false"));
        }
    }
}

/// The headers that tell how a limit stands.
pub(super) fn marks(standing: &Standing) -> Vec<(HeaderName, HeaderValue)> {
    let mut marks = Vec::with_capacity(8);
    let mut add = |names: [&'static str; 2], value: HeaderValue| {
        marks.extend(names.map(|name| (HeaderName::from_static(name), value.clone())));
    };
    add(LIMIT, standing.limit.into());
    add(REMAINING, standing.remaining.into());
    let reset = seconds(standing.reset);
    if reset > 0 {
        add(RESET, reset.into());
    }
    if let Ok(policy) = HeaderValue::try_from(&standing.policy) {
        add(POLICY, policy);
    }
    marks
}

/// The headers of a policy that could not be applied.
pub(super) fn policy_marks(policy: &str) -> Vec<(HeaderName, HeaderValue)> {
    let value = HeaderValue::try_from(policy).ok();
    value
        .into_iter()
        .flat_map(|value| POLICY.map(|name| (HeaderName::from_static(name), value.clone())))
        .collect()
}

/// Rounds up to whole seconds.
pub(crate) fn seconds(time: Duration) -> u64 {
    u64::try_from(time.as_micros().div_ceil(1_000_000)).unwrap_or(u64::MAX)
}
