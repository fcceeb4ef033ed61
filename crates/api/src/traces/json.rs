//! Spans in JSON: protobuf's JSON mapping with OTLP's exceptions, ids in hexadecimal. Whole numbers stand in
//! texts, or as numbers where a client can't know better.

use serde::Deserialize;
use serde::de::{Deserializer, Error};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::span::{MAX_PARTS, STATUS_ERROR, Span, count, text, too_many_parts};
use crate::error::{ApiError, ErrorKind};

/// How long a number may be written.
const MAX_SCALAR_BYTES: usize = 100;
/// How many characters of an error are told.
const MOST_TOLD: usize = 200;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TracesData {
    #[serde(default)]
    resource_spans: Vec<ResourceSpans>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResourceSpans {
    #[serde(default, alias = "instrumentationLibrarySpans")]
    scope_spans: Vec<ScopeSpans>,
}

#[derive(Deserialize)]
struct ScopeSpans {
    #[serde(default)]
    spans: Vec<RawSpan>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawSpan {
    #[serde(default, deserialize_with = "hexadecimal")]
    trace_id: Vec<u8>,
    #[serde(default, deserialize_with = "hexadecimal")]
    span_id: Vec<u8>,
    #[serde(default, deserialize_with = "nanos")]
    start_time_unix_nano: u64,
    #[serde(default, deserialize_with = "nanos")]
    end_time_unix_nano: u64,
    #[serde(default)]
    attributes: Vec<KeyValue>,
    #[serde(default)]
    status: Status,
}

#[derive(Default, Deserialize)]
struct Status {
    #[serde(default)]
    message: Option<String>,
    /// A number, or the name of one.
    #[serde(default)]
    code: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
struct KeyValue {
    key: String,
    #[serde(default)]
    value: AnyValue,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct AnyValue {
    string_value: Option<String>,
    bool_value: Option<bool>,
    int_value: Option<Box<RawValue>>,
    double_value: Option<Box<RawValue>>,
    array_value: Option<Values<AnyValue>>,
    kvlist_value: Option<Values<KeyValue>>,
}

#[derive(Deserialize)]
struct Values<T> {
    #[serde(default = "Vec::new")]
    values: Vec<T>,
}

/// Reads the spans of a body.
///
/// # Errors
/// Fails when the body is not JSON, or a field is not what it must be.
pub(super) fn parse(body: &[u8]) -> Result<Vec<Span>, ApiError> {
    let invalid = |message: String| ApiError::new(ErrorKind::InvalidJson, message);
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err(invalid("the body must be a JSON object".to_owned()));
    }
    if body.iter().filter(|byte| **byte == b'{').count() > MAX_PARTS {
        return Err(too_many_parts());
    }
    let data: TracesData = serde_json::from_slice(body).map_err(|error| {
        invalid(format!("the body is not OTLP's `TracesData` in JSON: {}", brief(&error)))
    })?;
    let scopes = data.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
    Ok(scopes.flat_map(|scope| scope.spans).map(Span::from).collect())
}

/// Returns what is wrong without all of what was sent.
fn brief(error: &serde_json::Error) -> String {
    error.to_string().chars().take(MOST_TOLD).collect()
}

impl From<RawSpan> for Span {
    fn from(span: RawSpan) -> Self {
        let status = span.status;
        let code = status.code.as_deref().and_then(scalar).unwrap_or_default();
        let is_error = code.as_i64() == Some(STATUS_ERROR)
            || matches!(code.as_str(), Some("STATUS_CODE_ERROR" | "ERROR" | "2"));
        Self {
            trace_id: span.trace_id,
            span_id: span.span_id,
            start_nanos: span.start_time_unix_nano,
            end_nanos: span.end_time_unix_nano,
            attributes: span.attributes.into_iter().map(KeyValue::into_pair).collect(),
            failure: is_error.then(|| status.message.unwrap_or_default()),
        }
    }
}

impl KeyValue {
    fn into_pair(self) -> (String, Value) {
        (self.key, self.value.into())
    }
}

impl From<AnyValue> for Value {
    fn from(value: AnyValue) -> Self {
        let number = |raw: Box<RawValue>| scalar(&raw).unwrap_or_default();
        let whole = |value: Value| text(&value).trim().parse::<i64>().map_or(value, Self::from);
        let fraction = |value: Value| text(&value).trim().parse::<f64>().map_or(value, Self::from);
        let array = |array: Values<AnyValue>| array.values.into_iter().map(Self::from).collect();
        let object = |object: Values<KeyValue>| {
            Self::Object(object.values.into_iter().map(KeyValue::into_pair).collect::<Map<_, _>>())
        };
        value
            .string_value
            .map(Self::String)
            .or(value.bool_value.map(Self::Bool))
            .or(value.int_value.map(number).map(whole))
            .or(value.double_value.map(number).map(fraction))
            .or(value.array_value.map(array))
            .or(value.kvlist_value.map(object))
            .unwrap_or_default()
    }
}

/// Returns what stands for a number or a name, which is short.
fn scalar(raw: &RawValue) -> Option<Value> {
    (raw.get().len() <= MAX_SCALAR_BYTES).then(|| serde_json::from_str(raw.get()).ok())?
}

fn hexadecimal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes: Option<Vec<u8>> = text.as_bytes().chunks(2).map(byte).collect();
    bytes
        .filter(|_| text.len() % 2 == 0)
        .ok_or_else(|| D::Error::custom("the id of a trace or span is not hexadecimal"))
}

fn nanos<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let raw = <Box<RawValue>>::deserialize(deserializer)?;
    scalar(&raw)
        .as_ref()
        .and_then(count)
        .ok_or_else(|| D::Error::custom("a time is not a count of nanoseconds"))
}
