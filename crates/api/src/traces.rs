//! Spans of OpenTelemetry, as OpenLLMetry and Helicone's asynchronous loggers send them: each one that is the
//! call of a model becomes a call in the log.

mod call;
mod conversation;
mod json;
mod protobuf;
mod span;

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use gatehouse_types::{Exchange, ExchangeMeta};
use gatehouse_wire::{Ending, decode};
use utoipa::ToSchema;

use crate::error::{ApiError, ErrorKind};
use crate::intake::{self, MAX_BODY_BYTES, Upload, too_long};
use crate::replies::IntakeRefusals;
use crate::state::ApiState;
use call::Shared;
use span::Span;

/// How many calls one body may hold; exporters send a few hundred at most.
const MAX_CALLS: usize = 10_000;
/// What the values may take that calls have from the headers of the request and from themselves: headers are short, but
/// each call gets them.
const MAX_LABEL_BYTES: usize = 32 << 20;
const JSON_PATH: &str = "/v1/trace/log";
const PROTOBUF_PATH: &str = "/v1/trace/log-python";

/// How spans are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Json,
    Protobuf,
}

/// Spans of OpenTelemetry, as OTLP over HTTP has them.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"resourceSpans": [{"scopeSpans": [{"spans": [{
    "traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174", "name": "openai.chat",
    "startTimeUnixNano": "1795348411260000000", "endTimeUnixNano": "1795348412100000000",
    "attributes": [{"key": "gen_ai.request.model", "value": {"stringValue": "gpt-4o-mini"}}]
}]}]}]}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document")]
#[serde(rename_all = "camelCase")]
pub(crate) struct TracesData {
    /// Spans by the resource that they are of.
    resource_spans: Vec<serde_json::Value>,
}

/// Logs the calls of models among spans.
///
/// The body is JSON, or protobuf if `Content-Type` says so, compressed or not. Other spans are passed over. A
/// span that is sent again is the same call.
#[utoipa::path(
    post, path = "/v1/trace/log", operation_id = "logTraces", tag = "Logging",
    request_body = TracesData,
    responses(
        (status = 200, description = "The calls are logged", body = Object),
        IntakeRefusals,
    )
)]
pub(crate) async fn log(state: State<ApiState>, upload: Upload) -> Result<Response, ApiError> {
    take(state, upload, JSON_PATH, Encoding::Json).await
}

/// Logs the calls of models among spans: the same as `/v1/trace/log`, for protobuf unless `Content-Type` says
/// that the body is JSON.
#[utoipa::path(
    post, path = "/v1/trace/log-python", operation_id = "logTracesInProtobuf", tag = "Logging",
    request_body(content = Vec<u8>, content_type = "application/x-protobuf", description = "`TracesData` of OTLP"),
    responses(
        (status = 200, description = "The calls are logged", body = Vec<u8>, content_type = "application/x-protobuf"),
        IntakeRefusals,
    )
)]
pub(crate) async fn log_protobuf(state: State<ApiState>, upload: Upload) -> Result<Response, ApiError> {
    take(state, upload, PROTOBUF_PATH, Encoding::Protobuf).await
}

async fn take(
    State(state): State<ApiState>,
    upload: Upload,
    path: &'static str,
    usual: Encoding,
) -> Result<Response, ApiError> {
    let encoding = encoding(&upload.headers).unwrap_or(usual);
    let providers = state.administration().ok().map(|known| Arc::clone(&known.providers));
    let now = state.clock.now();
    let read = intake::aside(move || {
        let spans = spans(&upload, encoding)?;
        calls(&spans, &Shared::new(&upload, path, now, providers.as_deref()))
    });
    let Read { calls, others } = read.await?;
    let logged = calls.len();
    intake::keep(&state, calls).await?;
    state.metrics.count_spans(logged, others);
    Ok(match encoding {
        Encoding::Json => ([(CONTENT_TYPE, "application/json")], "{}").into_response(),
        // A message without any field.
        Encoding::Protobuf => [(CONTENT_TYPE, "application/x-protobuf")].into_response(),
    })
}

/// What a body held.
struct Read {
    calls: Vec<Exchange>,
    /// How many spans were no calls.
    others: usize,
}

fn spans(upload: &Upload, encoding: Encoding) -> Result<Vec<Span>, ApiError> {
    let body = plain(upload)?;
    match encoding {
        Encoding::Json => json::parse(&body),
        Encoding::Protobuf => protobuf::parse(body),
    }
}

fn calls(spans: &[Span], shared: &Shared<'_>) -> Result<Read, ApiError> {
    let too_many = |what: String| Err(ApiError::new(ErrorKind::BodyTooLarge, what));
    let (mut calls, mut label_bytes) = (Vec::new(), 0_usize);
    for call in spans.iter().filter_map(|span| call::exchange(shared, span)) {
        if calls.len() == MAX_CALLS {
            return too_many(format!("the body holds more than {MAX_CALLS} calls"));
        }
        label_bytes += bytes_of_labels(&call.meta);
        if label_bytes > MAX_LABEL_BYTES {
            let message =
                "with the `Helicone-…` headers, which each call gets, the calls of the body take more than";
            return too_many(format!("{message} {MAX_LABEL_BYTES} bytes"));
        }
        calls.push(call);
    }
    Ok(Read { others: spans.len() - calls.len(), calls })
}

/// Returns how long the texts are that a call may have from the headers of the request.
fn bytes_of_labels(meta: &ExchangeMeta) -> usize {
    let texts = [&meta.user_id, &meta.model_override, &meta.prompt_id, &meta.prompt_version];
    let texts: usize = texts.into_iter().flatten().map(String::len).sum();
    let properties = meta.properties.iter().map(|(name, value)| name.len() + value.len());
    texts + properties.sum::<usize>()
}

/// Returns the body without its content encoding.
fn plain(upload: &Upload) -> Result<Bytes, ApiError> {
    let wrong =
        || ApiError::field("Content-Encoding", "gzip, deflate, br, zstd, or left out, as the body is");
    let Some(encoding) = upload.headers.get(CONTENT_ENCODING) else { return Ok(upload.body.clone()) };
    let decoded =
        decode(Some(encoding.to_str().map_err(|_| wrong())?), &upload.body, MAX_BODY_BYTES as usize);
    match decoded.ending {
        Ending::Whole => Ok(Bytes::from(decoded.bytes.into_owned())),
        Ending::Capped => Err(too_long()),
        Ending::Cut | Ending::Unsupported => Err(wrong()),
    }
}

fn encoding(headers: &HeaderMap) -> Option<Encoding> {
    let content_type = headers.get(CONTENT_TYPE)?.to_str().ok()?.to_ascii_lowercase();
    if content_type.contains("protobuf") {
        return Some(Encoding::Protobuf);
    }
    content_type.contains("json").then_some(Encoding::Json)
}
