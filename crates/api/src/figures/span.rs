//! Over which span of time figures are wanted, and how it is cut into pieces.
//!
//! Helicone's routes spell spans in several ways; each route here takes all of them.

use gatehouse_store::filter::{Column, Condition, Filter, Test, TimeColumn};
use gatehouse_store::log::{Bucket, Increment};
use gatehouse_types::Timestamp;
use serde_json::Value;

use super::names::{INCREMENTS, listed};
use crate::error::{ApiError, ErrorKind};
use crate::fields::Fields;

/// The field that holds a span.
const FIELD: &str = "timeFilter";
/// How far a clock may be from UTC, in minutes.
const MOST_DIFFERENCE: i64 = 24 * 60;

/// A span of time, both ends included; an end that is not given is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    /// Its beginning.
    pub(crate) start: Option<Timestamp>,
    /// Its end.
    pub(crate) end: Option<Timestamp>,
}

/// How an end is spelled: the name of its field, and how many µs its unit has where it is a number.
type Spelling = (&'static str, i64);

const STARTS: [Spelling; 3] =
    [("start", 1_000), ("startTimeUnixMs", 1_000), ("startTimeUnixSeconds", 1_000_000)];
const ENDS: [Spelling; 3] = [("end", 1_000), ("endTimeUnixMs", 1_000), ("endTimeUnixSeconds", 1_000_000)];

impl Span {
    /// Reads the span of a body; without one everything is in it.
    pub(crate) fn read(fields: &Fields) -> Result<Self, ApiError> {
        let Some(value) = fields.value(FIELD) else { return Ok(Self::default()) };
        let expected = "an object with `start` and `end` in ISO 8601 (or `startTimeUnixMs` and \
                        `endTimeUnixMs`, or `startTimeUnixSeconds` and `endTimeUnixSeconds`)";
        let span = value.as_object().ok_or_else(|| ApiError::field(FIELD, expected))?;
        let known = |name: &String| STARTS.iter().chain(&ENDS).any(|(known, _)| known == name);
        if !span.keys().all(known) {
            return Err(ApiError::field(FIELD, expected));
        }
        let end = |spellings: &[Spelling]| {
            let given = |(name, unit): &Spelling| {
                let value = span.get(*name).filter(|value| !value.is_null())?;
                let wrong = || ApiError::field(&format!("{FIELD}.{name}"), "a time");
                Some(instant(value, *unit).ok_or_else(wrong))
            };
            spellings.iter().find_map(given).transpose()
        };
        let span = Self { start: end(&STARTS)?, end: end(&ENDS)? };
        if span.start.zip(span.end).is_some_and(|(start, end)| start > end) {
            return Err(ApiError::field(FIELD, "a span whose start is not after its end"));
        }
        Ok(span)
    }

    /// Returns the calls of `filter` that began in this span.
    pub(crate) fn within(self, filter: Filter) -> Filter {
        let leaf =
            |test| Filter::Leaf(Condition { column: Column::Time(TimeColumn::RequestCreatedAt), test });
        let ends = [self.start.map(Test::TimeAtLeast), self.end.map(Test::TimeAtMost)];
        ends.into_iter().flatten().map(leaf).fold(filter, Filter::and)
    }
}

/// Reads a time: ISO 8601, or a number of a unit of so many µs, as a number or in digits.
fn instant(value: &Value, unit_micros: i64) -> Option<Timestamp> {
    let at = match value {
        Value::Number(number) => micros(number.as_f64()?, unit_micros)?,
        Value::String(text) => match text.trim().parse::<f64>() {
            Ok(number) => micros(number, unit_micros)?,
            Err(_) => Timestamp::parse(text)?,
        },
        _ => return None,
    };
    // What can't be written as a time is none.
    Timestamp::parse(&at.to_string()).map(|_| at)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "beyond the range `as` saturates, and such times are refused"
)]
fn micros(number: f64, unit_micros: i64) -> Option<Timestamp> {
    let micros = (number * unit_micros as f64).round();
    micros.is_finite().then(|| Timestamp::from_unix_micros(micros as i64))
}

/// Returns how long pieces of time are, by its name.
pub(crate) fn increment(field: &str, value: &Value) -> Result<Increment, ApiError> {
    let known = |name: &str| INCREMENTS.iter().find(|(known, _)| *known == name);
    let found = value.as_str().and_then(known).map(|(_, increment)| *increment);
    found.ok_or_else(|| {
        let names = listed(INCREMENTS.iter().map(|(name, _)| *name));
        ApiError::new(ErrorKind::InvalidField, format!("`{field}` must be one of {names}"))
    })
}

/// Returns what is added to UTC to get the caller's clock, in minutes.
///
/// The field says it the other way round, as `Date.getTimezoneOffset()` does: 480 is UTC−8.
pub(crate) fn offset_minutes(fields: &Fields, names: &[&str]) -> Result<i32, ApiError> {
    let given = names.iter().find_map(|name| Some((*name, fields.value(name)?)));
    let Some((name, value)) = given else { return Ok(0) };
    let minutes = match value {
        Value::String(text) => text.trim().parse::<f64>().ok(),
        value => value.as_f64(),
    };
    let minutes = minutes.and_then(|minutes| micros(minutes, 1)).map(Timestamp::as_unix_micros);
    let minutes = minutes.filter(|minutes| (-MOST_DIFFERENCE..=MOST_DIFFERENCE).contains(minutes));
    let minutes = minutes.and_then(|minutes| i32::try_from(minutes).ok());
    minutes.map(|minutes| -minutes).ok_or_else(|| {
        ApiError::field(name, "minutes from the caller's clock to UTC, as Date.getTimezoneOffset() tells")
    })
}

/// Returns pieces of time of a length, by the caller's clock.
pub(crate) fn bucket(increment: Increment, fields: &Fields, names: &[&str]) -> Result<Bucket, ApiError> {
    Ok(Bucket { increment, offset_minutes: offset_minutes(fields, names)? })
}
