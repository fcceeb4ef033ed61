//! From the header's JSON to entries.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::{Fallback, FallbackError, MOST_FALLBACKS};

/// How much of a header's name an error repeats, in characters.
const SHOWN_CHARS: usize = 60;
/// The characters of a header's name that are neither letters nor digits (RFC 9110, section 5.6.2).
const TOKEN_MARKS: &str = "!#$%&'*+-.^_`|~";

/// A field that can't be meant: what in it, and what it should have been.
type Problem = (String, &'static str);

pub(super) fn entries(text: &str) -> Result<Vec<Fallback>, FallbackError> {
    let value: Value = serde_json::from_str(text)
        .map_err(|error| FallbackError::NotJson { line: error.line(), column: error.column() })?;
    let Value::Array(values) = value else { return Err(FallbackError::NotEntries) };
    if values.is_empty() || values.len() > MOST_FALLBACKS {
        return Err(FallbackError::NotEntries);
    }
    let read = |(index, value)| {
        entry(value).map_err(|(field, expected)| FallbackError::Entry { index, field, expected })
    };
    values.into_iter().enumerate().map(read).collect()
}

fn entry(value: Value) -> Result<Fallback, Problem> {
    let Value::Object(mut members) = value else { return Err(("entry".to_owned(), "an object")) };
    let Some(Value::String(target_url)) = members.remove("target-url") else {
        return Err(("target-url".to_owned(), "a string"));
    };
    if target_url.trim().is_empty() {
        return Err(("target-url".to_owned(), "a URL"));
    }
    let Some(Value::Object(headers)) = members.remove("headers") else {
        return Err(("headers".to_owned(), "an object of strings"));
    };
    let Some(Value::Array(on_codes)) = members.remove("onCodes") else {
        return Err(("onCodes".to_owned(), "an array of statuses and ranges"));
    };
    let body_key_override = match members.remove("bodyKeyOverride") {
        None | Some(Value::Null) => None,
        Some(Value::Object(members)) => Some(members),
        Some(_) => return Err(("bodyKeyOverride".to_owned(), "an object")),
    };
    Ok(Fallback {
        target_url,
        headers: headers.into_iter().map(header).collect::<Result<_, _>>()?,
        on_codes: on_codes.iter().enumerate().map(codes).collect::<Result<_, _>>()?,
        body_key_override,
    })
}

fn header((name, value): (String, Value)) -> Result<(String, String), Problem> {
    let problem = |expected| {
        let shown: String = name.chars().take(SHOWN_CHARS).collect();
        Err((format!("headers.{shown}"), expected))
    };
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || TOKEN_MARKS.as_bytes().contains(&byte);
    if name.is_empty() || !name.bytes().all(is_token) {
        return problem("the name of a header");
    }
    let Value::String(text) = value else { return problem("a string") };
    if !text.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~')) {
        return problem("the text of a header");
    }
    Ok((name, text))
}

fn codes((at, value): (usize, &Value)) -> Result<RangeInclusive<u16>, Problem> {
    let range = match value {
        Value::Object(range) => code(range, "from").zip(code(range, "to")),
        status => as_code(status).map(|status| (status, status)),
    };
    let Some((from, to)) = range else {
        let expected = "a status from 100 to 599, nor `{\"from\": …, \"to\": …}` of two";
        return Err((format!("onCodes[{at}]"), expected));
    };
    if from > to {
        return Err((format!("onCodes[{at}]"), "a range: `from` is beyond `to`"));
    }
    Ok(from..=to)
}

fn code(range: &Map<String, Value>, field: &str) -> Option<u16> {
    range.get(field).and_then(as_code)
}

fn as_code(value: &Value) -> Option<u16> {
    let status = u16::try_from(value.as_u64()?).ok()?;
    (100..=599).contains(&status).then_some(status)
}
