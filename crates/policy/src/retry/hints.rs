//! What a provider says about trying again.

use std::time::Duration;

use gatehouse_types::Timestamp;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;

use super::headers::decimal;

/// The three forms of a date in HTTP (RFC 9110, section 5.6.7), the one in use first.
const DATE_FORMS: [&str; 3] =
    ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];

/// What the headers of an answer say about trying again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// How long to wait at least: `retry-after-ms`, else `Retry-After`.
    pub retry_after: Option<Duration>,
    /// `x-should-retry`.
    pub should_retry: Option<bool>,
}

impl Hints {
    /// Reads the values of `retry-after-ms`, `Retry-After` (seconds, or a date, which is compared with `now`)
    /// and `x-should-retry`; what is of another form says nothing.
    pub fn read(
        retry_after_ms: Option<&str>,
        retry_after: Option<&str>,
        should_retry: Option<&str>,
        now: Timestamp,
    ) -> Self {
        let in_ms = retry_after_ms.and_then(|text| decimal::<3>(text.trim())).map(Duration::from_micros);
        let should_retry = match should_retry.map(str::trim) {
            Some(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Some(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        };
        Self { retry_after: in_ms.or_else(|| time_to_wait(retry_after?.trim(), now)), should_retry }
    }
}

/// Reads a `Retry-After`: seconds, also with a fraction, or a date; one that has passed is no time.
fn time_to_wait(text: &str, now: Timestamp) -> Option<Duration> {
    if let Some(millis) = decimal::<3>(text) {
        return Some(Duration::from_millis(millis));
    }
    let then = DATE_FORMS.iter().find_map(|form| {
        let civil = strtime::parse(form, text).ok()?.to_datetime().ok()?;
        Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp().as_microsecond())
    })?;
    let micros = then.saturating_sub(now.as_unix_micros());
    Some(Duration::from_micros(u64::try_from(micros).unwrap_or_default()))
}
