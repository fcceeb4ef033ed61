//! The body of a manual log, checked field by field: what is wrong is named, what is not needed may be missing.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::timing::{self, Times};
use crate::error::{ApiError, ErrorKind};
use crate::labels;

/// How deep the JSON of a body may be nested, as wherever JSON is read here.
const MAX_DEPTH: usize = 128;
/// How long a number may be written.
const MAX_SCALAR_BYTES: usize = 100;
/// How long a nested value beside the record may be to be kept: in memory it is many times as long.
const MAX_NESTED_BYTES: usize = 64 * 1024;
/// The smallest and the largest status that can be one: HTTP's, and Helicone's own below 0.
const STATUSES: std::ops::RangeInclusive<i64> = -999..=999;

/// A call as it was logged.
#[derive(Debug)]
pub(super) struct Envelope<'a> {
    /// Where the call went, or what stands there instead.
    pub(super) url: String,
    /// What was asked.
    pub(super) request: &'a RawValue,
    /// The `Helicone-…` values beside them, as texts.
    pub(super) meta: Vec<(String, String)>,
    /// What came back.
    pub(super) response: Option<&'a RawValue>,
    /// What came back as text; it stands for the JSON.
    pub(super) text: Option<String>,
    /// HTTP's status, or Helicone's.
    pub(super) status: i32,
    /// When it was.
    pub(super) times: Option<Times>,
    /// Whose call it was.
    pub(super) provider: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outer<'a> {
    #[serde(borrow)]
    provider_request: Option<&'a RawValue>,
    #[serde(borrow)]
    provider_response: Option<&'a RawValue>,
    #[serde(borrow)]
    timing: Option<&'a RawValue>,
    #[serde(borrow)]
    provider: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
struct Request<'a> {
    #[serde(borrow)]
    url: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "even_null")]
    json: Option<&'a RawValue>,
    #[serde(borrow)]
    meta: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response<'a> {
    #[serde(borrow, default, deserialize_with = "even_null")]
    json: Option<&'a RawValue>,
    #[serde(borrow)]
    text_body: Option<&'a RawValue>,
    #[serde(borrow)]
    status: Option<&'a RawValue>,
    #[serde(borrow)]
    headers: Option<&'a RawValue>,
}

/// Tells a member that is null from one that is missing.
fn even_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

impl<'a> Envelope<'a> {
    /// Reads a body.
    ///
    /// # Errors
    /// Says what is not JSON, or which field is missing or not what it must be.
    pub(super) fn parse(body: &'a [u8]) -> Result<Self, ApiError> {
        let text = std::str::from_utf8(body).map_err(|_| invalid("the body is not UTF-8"))?;
        if depth(body) > MAX_DEPTH {
            return Err(invalid(&format!("the body is nested deeper than {MAX_DEPTH} levels")));
        }
        if !text.trim_start().starts_with('{') {
            return Err(invalid("the body must be a JSON object"));
        }
        let outer: Outer<'a> = read(text)?;
        let request: Request<'a> = object(outer.provider_request, "providerRequest")?;
        let response: Response<'a> = object(outer.provider_response, "providerResponse")?;
        // They are not kept, and not made anything of.
        if response.headers.is_some_and(|headers| !headers.get().starts_with('{')) {
            return Err(ApiError::field("providerResponse.headers", "an object"));
        }
        let text = optional_text(response.text_body, "providerResponse.textBody")?;
        if response.json.is_none() && text.is_none() {
            return Err(ApiError::field(
                "providerResponse.json",
                "there, or else `providerResponse.textBody`",
            ));
        }
        Ok(Self {
            url: optional_text(request.url, "providerRequest.url")?
                .ok_or_else(|| ApiError::field("providerRequest.url", "a text"))?,
            request: request
                .json
                .ok_or_else(|| ApiError::field("providerRequest.json", "there: what was asked"))?,
            meta: meta(request.meta)?,
            response: response.json,
            text,
            status: status(response.status)?,
            times: timing::parse(outer.timing)?,
            provider: optional_text(outer.provider, "provider")?,
        })
    }
}

/// Reads a member that must be an object.
pub(super) fn object<'a, T: Deserialize<'a>>(raw: Option<&'a RawValue>, name: &str) -> Result<T, ApiError> {
    let raw = raw.map(RawValue::get).filter(|raw| raw.starts_with('{'));
    read(raw.ok_or_else(|| ApiError::field(name, "an object"))?)
}

fn read<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, ApiError> {
    serde_json::from_str(json).map_err(|error| invalid(&format!("the body is not valid JSON: {error}")))
}

/// Returns a number or a text that is as short as one that stands for a number.
pub(super) fn scalar(raw: &RawValue) -> Option<Value> {
    let is_short = raw.get().len() <= MAX_SCALAR_BYTES;
    is_short.then(|| serde_json::from_str(raw.get()).ok())?
}

fn optional_text(raw: Option<&RawValue>, name: &str) -> Result<Option<String>, ApiError> {
    let Some(raw) = raw else { return Ok(None) };
    serde_json::from_str(raw.get()).map_err(|_| ApiError::field(name, "a text"))
}

/// Returns the `Helicone-…` values beside the record: texts, and everything else as compact JSON.
fn meta(raw: Option<&RawValue>) -> Result<Vec<(String, String)>, ApiError> {
    let Some(raw) = raw else { return Ok(Vec::new()) };
    let members: BTreeMap<Cow<'_, str>, &RawValue> = object(Some(raw), "providerRequest.meta")?;
    let ours = members.into_iter().filter(|(name, _)| labels::is_ours(name));
    Ok(ours.filter_map(|(name, raw)| Some((name.into_owned(), text(raw)?))).collect())
}

/// Returns a value as text; `None` for null, and for what is nested and far longer than a value may be.
fn text(raw: &RawValue) -> Option<String> {
    let is_nested = raw.get().starts_with(['{', '[']);
    if is_nested && raw.get().len() > MAX_NESTED_BYTES {
        return None;
    }
    match serde_json::from_str(raw.get()).ok()? {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    }
}

fn status(raw: Option<&RawValue>) -> Result<i32, ApiError> {
    let wrong =
        || ApiError::field("providerResponse.status", "a status: of HTTP, or -3 for a cancelled call");
    let number = scalar(raw.ok_or_else(wrong)?).ok_or_else(wrong)?;
    // Some write whole numbers with a point.
    let whole = || number.as_f64().filter(|number| number.fract() == 0.0)?.to_string().parse().ok();
    let status = number.as_i64().or_else(whole).filter(|status| STATUSES.contains(status));
    status.and_then(|status| i32::try_from(status).ok()).ok_or_else(wrong)
}

/// Returns how deep arrays and objects lie in each other.
fn depth(json: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_text, mut escaped) = (0_usize, 0, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_text,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

fn invalid(message: &str) -> ApiError {
    ApiError::new(ErrorKind::InvalidJson, message)
}
