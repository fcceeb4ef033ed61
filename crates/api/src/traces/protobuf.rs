//! Spans in protobuf: the messages of OpenTelemetry's `trace/v1/trace.proto`, as far as they are needed. A field
//! that is not named here is passed over, whatever version of the protocol it is of.

mod parts;

use prost::Message;
use prost::bytes::Bytes;
use serde_json::{Map, Value};

use super::span::{STATUS_ERROR, Span, too_many_parts};
use crate::error::ApiError;

/// `TracesData`, and `ExportTraceServiceRequest`, which has the same fields.
#[derive(Clone, PartialEq, Message)]
struct TracesData {
    #[prost(message, repeated, tag = "1")]
    resource_spans: Vec<ResourceSpans>,
}

#[derive(Clone, PartialEq, Message)]
struct ResourceSpans {
    #[prost(message, repeated, tag = "2")]
    scope_spans: Vec<ScopeSpans>,
}

#[derive(Clone, PartialEq, Message)]
struct ScopeSpans {
    #[prost(message, repeated, tag = "2")]
    spans: Vec<RawSpan>,
}

#[derive(Clone, PartialEq, Message)]
struct RawSpan {
    #[prost(bytes = "vec", tag = "1")]
    trace_id: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    span_id: Vec<u8>,
    #[prost(fixed64, tag = "7")]
    start_time_unix_nano: u64,
    #[prost(fixed64, tag = "8")]
    end_time_unix_nano: u64,
    #[prost(message, repeated, tag = "9")]
    attributes: Vec<KeyValue>,
    #[prost(message, optional, tag = "15")]
    status: Option<Status>,
}

#[derive(Clone, PartialEq, Message)]
struct Status {
    #[prost(string, tag = "2")]
    message: String,
    #[prost(int32, tag = "3")]
    code: i32,
}

#[derive(Clone, PartialEq, Message)]
struct KeyValue {
    #[prost(string, tag = "1")]
    key: String,
    #[prost(message, optional, tag = "2")]
    value: Option<AnyValue>,
}

#[derive(Clone, PartialEq, Message)]
struct AnyValue {
    #[prost(oneof = "Kind", tags = "1, 2, 3, 4, 5, 6")]
    kind: Option<Kind>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
enum Kind {
    #[prost(string, tag = "1")]
    Text(String),
    #[prost(bool, tag = "2")]
    Bool(bool),
    #[prost(int64, tag = "3")]
    Int(i64),
    #[prost(double, tag = "4")]
    Double(f64),
    #[prost(message, tag = "5")]
    Array(ArrayValue),
    #[prost(message, tag = "6")]
    Object(KeyValueList),
}

#[derive(Clone, PartialEq, Message)]
struct ArrayValue {
    #[prost(message, repeated, tag = "1")]
    values: Vec<AnyValue>,
}

#[derive(Clone, PartialEq, Message)]
struct KeyValueList {
    #[prost(message, repeated, tag = "1")]
    values: Vec<KeyValue>,
}

/// Reads the spans of a body.
///
/// # Errors
/// Fails when the body is not protobuf, or not these messages.
pub(super) fn parse(body: Bytes) -> Result<Vec<Span>, ApiError> {
    if !parts::are_few(&body) {
        return Err(too_many_parts());
    }
    let data = TracesData::decode(body)
        .map_err(|error| ApiError::field("body", &format!("OTLP's `TracesData` in protobuf: {error}")))?;
    let scopes = data.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
    Ok(scopes.flat_map(|scope| scope.spans).map(Span::from).collect())
}

impl From<RawSpan> for Span {
    fn from(span: RawSpan) -> Self {
        let attributes = span.attributes.into_iter();
        Self {
            trace_id: span.trace_id,
            span_id: span.span_id,
            start_nanos: span.start_time_unix_nano,
            end_nanos: span.end_time_unix_nano,
            attributes: attributes.map(KeyValue::into_pair).collect(),
            failure: span
                .status
                .filter(|status| i64::from(status.code) == STATUS_ERROR)
                .map(|status| status.message),
        }
    }
}

impl KeyValue {
    fn into_pair(self) -> (String, Value) {
        (self.key, self.value.map_or(Value::Null, Value::from))
    }
}

impl From<AnyValue> for Value {
    fn from(value: AnyValue) -> Self {
        match value.kind {
            None => Self::Null,
            Some(Kind::Text(text)) => Self::String(text),
            Some(Kind::Bool(value)) => Self::Bool(value),
            Some(Kind::Int(number)) => number.into(),
            Some(Kind::Double(number)) => number.into(),
            Some(Kind::Array(array)) => array.values.into_iter().map(Self::from).collect(),
            Some(Kind::Object(object)) => {
                Self::Object(object.values.into_iter().map(KeyValue::into_pair).collect::<Map<_, _>>())
            }
        }
    }
}
