//! The handler that tells what was said in a call, in one form for all providers.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use bytes::Bytes;
use gatehouse_mapper::conversation::{Conversation, Input, Json as Value};
use gatehouse_mapper::mapping::Sample;
use gatehouse_store::log::LogRow;
use gatehouse_store::mappers::{ActiveMapping, MapperScope};
use gatehouse_types::BodyState;
use gatehouse_wire::BodyView;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::Reader;
use crate::error::{ApiError, ErrorEnvelope};
use crate::intake::aside;
use crate::request::{Envelope, HeliconeMetadata, found, hint};
use crate::state::ApiState;

/// How much memory reading takes for every byte of the bodies.
const MEMORY_PER_BYTE: usize = 4;
/// How much memory one reading reserves at most, in bytes: a part of what an organisation has.
const MOST_RESERVED: usize = 48 << 20;

/// What was said in a call.
#[derive(Debug, Serialize, ToSchema)]
pub struct MappedRequest {
    /// Which API it was called by, as its bodies tell: `openai-chat`, `openai-response`, `anthropic-chat`,
    /// `gemini-chat`, …; `mapped` by a mapping; `unknown` when that is pending.
    #[serde(rename = "_type")]
    #[schema(value_type = String, example = "openai-chat")]
    kind: gatehouse_mapper::conversation::Kind,
    /// The call's id.
    #[schema(format = Uuid, example = "0199f0a1-7c1e-7c3a-9a55-3f2f0c8f1d20")]
    id: String,
    /// The model the call is filed under, else the one that its bodies name.
    #[schema(example = "gpt-4o-mini-2024-07-18")]
    model: String,
    /// What was asked and what came back.
    schema: MappedSchema,
    /// Both in a line.
    preview: MappedPreview,
    /// How far both bodies could be read.
    reading: BodyReadings,
    /// What the log knows of the call besides.
    #[serde(rename = "heliconeMetadata")]
    metadata: HeliconeMetadata,
}

/// What was asked and what came back, in Helicone's common schema; fields that say nothing are left out.
#[derive(Debug, Serialize, ToSchema)]
pub struct MappedSchema {
    /// `messages`, `prompt`, `tools` and the parameters; null when there is no body, or none that can be read.
    #[schema(value_type = Option<Object>)]
    request: Option<gatehouse_mapper::conversation::RequestBody>,
    /// `messages`, `model` and `error`; null when there is no body, or none that can be read.
    #[schema(value_type = Option<Object>)]
    response: Option<gatehouse_mapper::conversation::ResponseBody>,
}

/// What was said, in a line of at most 1,000 characters each.
#[derive(Debug, Serialize, ToSchema)]
pub struct MappedPreview {
    /// The last thing that was asked.
    request: String,
    /// The first answer.
    response: String,
}

/// How far both bodies could be read.
#[derive(Debug, Serialize, ToSchema)]
pub struct BodyReadings {
    /// `whole`; `cut` when its end is missing, or it is damaged; `pending` when nobody knows its shape; `omitted`
    /// when the caller wanted it not to be kept; `absent` when there is none.
    #[schema(example = "whole")]
    request: &'static str,
    /// The answer's, in the same words.
    #[schema(example = "whole")]
    response: &'static str,
}

/// Returns what was said in a call, whoever's API it went to.
///
/// The bodies themselves come with `GET /v1/request/{id}?includeBody=true`.
#[utoipa::path(
    get, path = "/v1/request/{id}/conversation", operation_id = "getConversation", tag = "Requests",
    params(
        ("id" = String, Path, format = Uuid, description = "The call's id, as in `Helicone-Id`", example = "0199f0a1-7c1e-7c3a-9a55-3f2f0c8f1d20"),
    ),
    responses(
        (status = 200, description = "What was said", body = Envelope<MappedRequest>),
        (status = 400, description = "Not an id", body = ErrorEnvelope),
        (status = 401, description = "No or an unknown key", body = ErrorEnvelope),
        (status = 403, description = "The key may not read", body = ErrorEnvelope),
        (status = 404, description = "No such call in this organisation", body = ErrorEnvelope),
        (status = 503, description = "The log store is away", body = ErrorEnvelope),
    )
)]
pub(crate) async fn read(
    reader: Reader,
    State(state): State<ApiState>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<Envelope<MappedRequest>>, ApiError> {
    let row = found(&state, reader.organization_id, id).await?;
    let bodies = [&row.bodies.request, &row.bodies.response];
    let bytes: usize = bodies.into_iter().flatten().map(Bytes::len).sum();
    let reserved =
        u32::try_from(bytes.saturating_mul(MEMORY_PER_BYTE).min(MOST_RESERVED)).unwrap_or(u32::MAX);
    let place = state.room.take(reader.organization_id, reserved).await;
    let scope = MapperScope::of(&row.method, &row.target_url, &row.path);
    let control = state.view.load_full();
    let mapping = control.mappings.of(reader.organization_id, &scope).map(Arc::clone);
    let usage_hint = hint(&row, &control.mappings);
    aside(move || {
        let mapped = MappedRequest::of(row, &scope, mapping.as_deref(), usage_hint);
        drop(place);
        Ok(Envelope::json(mapped))
    })
    .await
}

impl MappedRequest {
    /// Reads a call; by its organisation's mapping, if there is one, where no reader knows it.
    fn of(
        row: LogRow,
        scope: &MapperScope,
        mapping: Option<&ActiveMapping>,
        usage_hint: Option<&'static str>,
    ) -> Self {
        let request = view(row.bodies.request.as_ref(), row.request_body_state);
        let response = view(row.bodies.response.as_ref(), row.response_body_state);
        let mut read = Conversation::read(Input { request, response, path: &row.path, status: row.status });
        if let Some(mapping) = mapping.filter(|_| read.is_pending()) {
            let status = u16::try_from(row.status).unwrap_or_default();
            let (method, host, path) = (row.method.as_str(), scope.host.as_str(), row.path.as_str());
            let sample = Sample { method, host, path, status, request, response };
            read = read.with_mapped(mapping.document.apply(&sample));
        }
        let error = read.schema.response.as_ref().and_then(|response| response.error.as_ref());
        let metadata =
            HeliconeMetadata::of(&row, error.is_some_and(|error| error.message != Value::Null), usage_hint);
        let model = if row.model.is_empty() { read.model.unwrap_or_default() } else { row.model };
        Self {
            kind: read.kind,
            id: row.request_id.to_string(),
            model,
            schema: MappedSchema { request: read.schema.request, response: read.schema.response },
            preview: MappedPreview { request: read.preview.request, response: read.preview.response },
            reading: BodyReadings {
                request: reading(read.reading.request.as_str(), row.request_body_state),
                response: reading(read.reading.response.as_str(), row.response_body_state),
            },
            metadata,
        }
    }
}

fn view(body: Option<&Bytes>, state: BodyState) -> BodyView<'_> {
    BodyView {
        bytes: body.map(Bytes::as_ref).unwrap_or_default(),
        content_type: None,
        truncated: state == BodyState::Truncated,
    }
}

/// Returns how far a body could be read, or that it was not kept.
fn reading(reading: &'static str, state: BodyState) -> &'static str {
    if state == BodyState::Omitted { state.as_str() } else { reading }
}
