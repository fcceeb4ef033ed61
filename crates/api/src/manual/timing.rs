//! When a logged call was: `{"startTime": {"seconds", "milliseconds"}, "endTime": …, "timeToFirstToken"}`.

use std::time::Duration;

use gatehouse_types::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::envelope::{object, scalar};
use crate::error::ApiError;

/// The last second that is written as a time wherever one is: in the evening of 30 December 9999.
const LAST_SECOND: f64 = 253_402_207_200.0;
/// How long before its start a call may end: packages round the two on their own.
const ROUNDING: Duration = Duration::from_millis(10);
const SECONDS: &str = "a number of seconds since 1970";
const MILLISECONDS: &str = "a number of milliseconds, not negative";

/// When a call began and ended, and when its first token was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Times {
    pub(super) started_at: Timestamp,
    pub(super) took: Duration,
    pub(super) first_token: Option<Duration>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Timing<'a> {
    #[serde(borrow)]
    start_time: Option<&'a RawValue>,
    #[serde(borrow)]
    end_time: Option<&'a RawValue>,
    #[serde(borrow)]
    time_to_first_token: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Parts<'a> {
    #[serde(borrow)]
    seconds: Option<&'a RawValue>,
    #[serde(borrow)]
    milliseconds: Option<&'a RawValue>,
}

/// Reads `timing`; `None` where there is none.
///
/// # Errors
/// Names the field that is missing, no number, negative, or not in its order.
pub(super) fn parse(raw: Option<&RawValue>) -> Result<Option<Times>, ApiError> {
    if raw.is_none() {
        return Ok(None);
    }
    let timing: Timing<'_> = object(raw, "timing")?;
    let start = instant(timing.start_time, "timing.startTime")?;
    let end = instant(timing.end_time, "timing.endTime")?;
    if end + ROUNDING < start {
        return Err(ApiError::field("timing.endTime", "not before `timing.startTime`"));
    }
    let took = end.saturating_sub(start);
    let first_token = match timing.time_to_first_token {
        None => None,
        Some(raw) => {
            let wrong = || ApiError::field("timing.timeToFirstToken", MILLISECONDS);
            Some(duration(number(raw).ok_or_else(wrong)? / 1e3).ok_or_else(wrong)?)
        }
    };
    let micros = i64::try_from(start.as_micros()).unwrap_or(i64::MAX);
    Ok(Some(Times { started_at: Timestamp::from_unix_micros(micros), took, first_token }))
}

/// Reads an instant: seconds and milliseconds, seconds alone, or a text like `2026-11-22T14:06:00Z`.
fn instant(raw: Option<&RawValue>, name: &str) -> Result<Duration, ApiError> {
    let wrong = || ApiError::field(name, "an object with `seconds` and `milliseconds`");
    let raw = raw.ok_or_else(wrong)?;
    if !raw.get().starts_with('{') {
        return number(raw).and_then(duration).or_else(|| written(raw)).ok_or_else(wrong);
    }
    let parts: Parts<'_> = object(Some(raw), name)?;
    let part = |raw: Option<&RawValue>, part: &str, unit: f64, expected: &str| {
        let read = raw.and_then(number).and_then(|number| duration(number / unit));
        read.ok_or_else(|| ApiError::field(&format!("{name}.{part}"), expected))
    };
    let seconds = part(parts.seconds, "seconds", 1.0, SECONDS)?;
    let milliseconds = match parts.milliseconds {
        None => Duration::ZERO,
        raw => part(raw, "milliseconds", 1e3, MILLISECONDS)?,
    };
    // Each may be as long as all of it.
    duration(seconds.saturating_add(milliseconds).as_secs_f64()).ok_or_else(wrong)?;
    Ok(seconds.saturating_add(milliseconds))
}

fn written(raw: &RawValue) -> Option<Duration> {
    let at = Timestamp::parse(scalar(raw)?.as_str()?)?;
    u64::try_from(at.as_unix_micros()).ok().map(Duration::from_micros)
}

/// Returns a number, which may be written as a text.
fn number(raw: &RawValue) -> Option<f64> {
    match scalar(raw)? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn duration(seconds: f64) -> Option<Duration> {
    (0.0..=LAST_SECOND).contains(&seconds).then(|| Duration::from_secs_f64(seconds))
}
