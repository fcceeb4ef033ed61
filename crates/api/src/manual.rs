//! Calls that applications made themselves and log afterwards, as Helicone's packages do: calls of models,
//! tools, databases.
//!
//! A record becomes the same row as a call through the gateway: it takes the same way, over the journal.

mod call;
mod envelope;
mod timing;

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderValue;
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::intake::{self, Upload};
use crate::replies::IntakeRefusals;
use crate::state::ApiState;
use envelope::Envelope;

/// The header that tells the call's id.
const HELICONE_ID: &str = "helicone-id";

/// What a route says about the calls that are logged there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    OpenAi,
    Anthropic,
    Google,
    /// Nothing.
    Custom,
}

/// A call that did not go through the gateway.
#[derive(Debug, ToSchema)]
#[schema(example = json!({
    "providerRequest": {"url": "custom-model-nopath", "json": {"model": "my-model", "messages": [{"role": "user", "content": "Hello"}]}, "meta": {"Helicone-User-Id": "ann"}},
    "providerResponse": {"json": {"model": "my-model", "usage": {"prompt_tokens": 3, "completion_tokens": 5}}, "status": 200, "headers": {}},
    "timing": {"startTime": {"seconds": 1795348411, "milliseconds": 260}, "endTime": {"seconds": 1795348412, "milliseconds": 100}, "timeToFirstToken": null}
}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Envelope`")]
#[serde(rename_all = "camelCase")]
pub(crate) struct LogCall {
    /// What was asked.
    provider_request: LoggedRequest,
    /// What came back.
    provider_response: LoggedResponse,
    /// When it was; without it, now.
    #[schema(required = false)]
    timing: Option<LoggedTiming>,
    /// Whose call it was; without it the route says so.
    #[schema(required = false, example = "openai")]
    provider: Option<String>,
}

/// What was asked.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes the body in the OpenAPI document")]
pub(crate) struct LoggedRequest {
    /// Where the call went, or any text.
    url: String,
    /// The body. With `_type` it is an event: `tool` (with `toolName`), `vector_db`, `data` (with `name`).
    json: Value,
    /// `Helicone-…` values, as in headers, which win over these; everything else is passed over.
    #[schema(required = false)]
    meta: Option<Value>,
}

/// What came back.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes the body in the OpenAPI document")]
#[serde(rename_all = "camelCase")]
pub(crate) struct LoggedResponse {
    /// The body; `{"streamed_data": […]}` is a stream's chunks.
    #[schema(required = false)]
    json: Option<Value>,
    /// The body as text: events, a chunk a line, or any text. It stands for `json`.
    #[schema(required = false)]
    text_body: Option<String>,
    /// HTTP's status, -2 timed out, -3 cancelled.
    status: i32,
    /// Not kept.
    #[schema(required = false)]
    headers: Option<Value>,
}

/// When it was.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes the body in the OpenAPI document")]
#[serde(rename_all = "camelCase")]
pub(crate) struct LoggedTiming {
    /// When the call was made.
    start_time: LoggedTime,
    /// When it had ended.
    end_time: LoggedTime,
    /// Milliseconds to the first token of a stream.
    #[schema(required = false)]
    time_to_first_token: Option<f64>,
}

/// A point in time.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes the body in the OpenAPI document")]
pub(crate) struct LoggedTime {
    /// Since the Unix epoch.
    seconds: f64,
    /// Added to them.
    #[schema(required = false)]
    milliseconds: f64,
}

/// Logs a call to OpenAI, or to who speaks as OpenAI does.
#[utoipa::path(
    post, path = "/oai/v1/log", operation_id = "logOpenAiCall", tag = "Logging",
    request_body = LogCall,
    responses(
        (status = 200, description = "The call is logged; its id is in `Helicone-Id`", body = String, content_type = "text/plain", example = "ok"),
        IntakeRefusals,
    )
)]
pub(crate) async fn log_openai(state: State<ApiState>, upload: Upload) -> Result<Response, ApiError> {
    log(state, upload, Shape::OpenAi).await
}

/// Logs a call to Anthropic.
#[utoipa::path(
    post, path = "/anthropic/v1/log", operation_id = "logAnthropicCall", tag = "Logging",
    request_body = LogCall,
    responses(
        (status = 200, description = "The call is logged; its id is in `Helicone-Id`", body = String, content_type = "text/plain", example = "ok"),
        IntakeRefusals,
    )
)]
pub(crate) async fn log_anthropic(state: State<ApiState>, upload: Upload) -> Result<Response, ApiError> {
    log(state, upload, Shape::Anthropic).await
}

/// Logs a call to Google.
#[utoipa::path(
    post, path = "/googleapis/v1/log", operation_id = "logGoogleCall", tag = "Logging",
    request_body = LogCall,
    responses(
        (status = 200, description = "The call is logged; its id is in `Helicone-Id`", body = String, content_type = "text/plain", example = "ok"),
        IntakeRefusals,
    )
)]
pub(crate) async fn log_google(state: State<ApiState>, upload: Upload) -> Result<Response, ApiError> {
    log(state, upload, Shape::Google).await
}

/// Logs any call: of a model of one's own, a tool, a database.
///
/// The same is under `/v1/trace/custom/v1/log`, `/v1/trace/custom/log` and `/v1/trace/custom/log/typed`.
#[utoipa::path(
    post, path = "/custom/v1/log", operation_id = "logCustomCall", tag = "Logging",
    request_body = LogCall,
    responses(
        (status = 200, description = "The call is logged; its id is in `Helicone-Id`", body = String, content_type = "text/plain", example = "ok"),
        IntakeRefusals,
    )
)]
pub(crate) async fn log_custom(state: State<ApiState>, upload: Upload) -> Result<Response, ApiError> {
    log(state, upload, Shape::Custom).await
}

async fn log(State(state): State<ApiState>, upload: Upload, shape: Shape) -> Result<Response, ApiError> {
    let clock = state.clock.clone();
    let providers = state.administration().ok().map(|known| Arc::clone(&known.providers));
    let exchange = intake::aside(move || {
        let envelope = Envelope::parse(&upload.body)?;
        Ok(call::exchange(&upload, shape, envelope, (clock.as_ref(), providers.as_deref())))
    });
    let exchange = exchange.await?;
    let request_id = exchange.meta.request_id;
    intake::keep(&state, vec![exchange]).await?;
    let mut response = "ok".into_response();
    if let Ok(id) = HeaderValue::try_from(request_id.to_string()) {
        response.headers_mut().insert(HELICONE_ID, id);
    }
    Ok(response)
}
