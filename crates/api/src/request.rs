//! The handlers that read logged calls: one by id, a page by filter, a count.

pub(crate) mod by_ids;
pub(crate) mod export;
pub(crate) mod links;
pub(crate) mod replay;
pub(crate) mod tail;

mod cursor;
mod handling;
mod inputs;
mod metadata;
mod page;
mod query;
mod row;
pub(crate) mod search;

use axum::Json;
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use gatehouse_store::log::LogRow;
use gatehouse_types::{OrganizationId, RequestId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

pub use inputs::PromptInputs;
pub(crate) use inputs::{__path_inputs, inputs};
pub use metadata::HeliconeMetadata;
pub use query::RequestQuery;
pub use row::HeliconeRequest;
pub(crate) use row::hint;

use crate::auth::Reader;
use crate::error::{ApiError, ErrorEnvelope, ErrorKind};
use crate::router::MAX_BODY_BYTES;
use crate::state::ApiState;
use cursor::NEXT_CURSOR;
use links::{Base, Links};
use page::Page;
use row::Bodies;

/// The body of every successful call.
#[derive(Debug, Serialize, ToSchema)]
pub struct Envelope<T> {
    /// What was asked for.
    pub data: T,
    /// Always null.
    #[schema(schema_with = crate::openapi::always_null)]
    pub error: Option<()>,
}

impl<T> Envelope<T> {
    pub(crate) fn json(data: T) -> Json<Self> {
        Json(Self { data, error: None })
    }
}

/// The parameters of a single read.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReadParams {
    /// Whether the bodies are wanted: `true` or `false` (the default).
    #[serde(rename = "includeBody")]
    #[param(rename = "includeBody", value_type = Option<bool>, example = true)]
    include_body: Option<String>,
}

impl ReadParams {
    fn bodies(&self) -> Result<Bodies, ApiError> {
        match self.include_body.as_deref() {
            None | Some("false") => Ok(Bodies::Left),
            Some("true") => Ok(Bodies::Included),
            Some(_) => Err(ApiError::field("includeBody", "`true` or `false`")),
        }
    }
}

/// Returns one logged call.
#[utoipa::path(
    get, path = "/v1/request/{id}", operation_id = "getRequest", tag = "Requests",
    params(
        ("id" = String, Path, format = Uuid, description = "The call's id, as in `Helicone-Id`", example = "0199f0a1-7c1e-7c3a-9a55-3f2f0c8f1d20"),
        ReadParams,
    ),
    responses(
        (status = 200, description = "The call", body = Envelope<HeliconeRequest>),
        (status = 400, description = "Not an id, or a wrong parameter", body = ErrorEnvelope),
        (status = 401, description = "No or an unknown key", body = ErrorEnvelope),
        (status = 403, description = "The key may not read", body = ErrorEnvelope),
        (status = 404, description = "No such call in this organisation", body = ErrorEnvelope),
        (status = 503, description = "The log store is away", body = ErrorEnvelope),
    )
)]
pub(crate) async fn read(
    reader: Reader,
    State(state): State<ApiState>,
    base: Base,
    id: Result<Path<String>, PathRejection>,
    params: Result<Query<ReadParams>, QueryRejection>,
) -> Result<Json<Envelope<HeliconeRequest>>, ApiError> {
    let Query(params) = params.map_err(|_| ApiError::field("includeBody", "given at most once"))?;
    let bodies = params.bodies()?;
    let row = found(&state, reader.organization_id, id).await?;
    let links = Links { key: &state.link_key, base: &base, now: state.clock.now() };
    Ok(Envelope::json(HeliconeRequest::linked(row, bodies, &state.view.load().mappings, &links)))
}

/// Returns the call that a path names.
pub(crate) async fn found(
    state: &ApiState,
    organization_id: OrganizationId,
    id: Result<Path<String>, PathRejection>,
) -> Result<LogRow, ApiError> {
    let Path(id) = id.map_err(|_| ApiError::field("id", "a UUID"))?;
    let request_id = RequestId::parse(&id).ok_or_else(|| {
        ApiError::new(ErrorKind::InvalidField, format!("`{id}` is not a request id (a UUID)"))
    })?;
    let row = state.log.row(organization_id, request_id).await?;
    row.ok_or_else(|| ApiError::new(ErrorKind::NotFound, format!("there is no request {request_id}")))
}

/// Returns a page of logged calls, without their bodies.
#[utoipa::path(
    post, path = "/v1/request/query-clickhouse", operation_id = "queryRequests", tag = "Requests",
    request_body = RequestQuery,
    responses(
        (
            status = 200, description = "The calls; an empty list when there are none", body = Envelope<Vec<HeliconeRequest>>,
            headers(("gatehouse-next-cursor" = String, description = "The `cursor` of the next page; absent on the last one")),
        ),
        (status = 400, description = "Not JSON, or a wrong field", body = ErrorEnvelope),
        (status = 401, description = "No or an unknown key", body = ErrorEnvelope),
        (status = 403, description = "The key may not read", body = ErrorEnvelope),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        (status = 503, description = "The log store is away", body = ErrorEnvelope),
    )
)]
pub(crate) async fn query(
    reader: Reader,
    State(state): State<ApiState>,
    base: Base,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let query = query::page(&state, &whole(body)?, reader.organization_id).await?;
    let Page { rows, next } = Page::read(&state, query).await?;
    let view = state.view.load();
    let links = Links { key: &state.link_key, base: &base, now: state.clock.now() };
    let shown = |row| HeliconeRequest::linked(row, Bodies::Left, &view.mappings, &links);
    let next = next.and_then(|next| HeaderValue::try_from(next).ok());
    let next = next.map(|next| [(HeaderName::from_static(NEXT_CURSOR), next)]);
    let body = Envelope::json(rows.into_iter().map(shown).collect::<Vec<_>>());
    Ok(match next {
        Some(next) => (next, body).into_response(),
        None => body.into_response(),
    })
}

/// Returns a page of logged calls, without their bodies; the same as `/v1/request/query-clickhouse`.
#[utoipa::path(
    post, path = "/v1/request/query", operation_id = "queryRequestsAlias", tag = "Requests",
    request_body = RequestQuery,
    responses(
        (
            status = 200, description = "The calls; an empty list when there are none", body = Envelope<Vec<HeliconeRequest>>,
            headers(("gatehouse-next-cursor" = String, description = "The `cursor` of the next page; absent on the last one")),
        ),
        (status = 400, description = "Not JSON, or a wrong field", body = ErrorEnvelope),
        (status = 401, description = "No or an unknown key", body = ErrorEnvelope),
        (status = 403, description = "The key may not read", body = ErrorEnvelope),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        (status = 503, description = "The log store is away", body = ErrorEnvelope),
    )
)]
pub(crate) async fn query_alias(
    reader: Reader,
    state: State<ApiState>,
    base: Base,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    query(reader, state, base, body).await
}

/// Counts the logged calls that match; everything but the filter is ignored.
#[utoipa::path(
    post, path = "/v1/request/count/query", operation_id = "countRequests", tag = "Requests",
    request_body = RequestQuery,
    responses(
        (status = 200, description = "How many", body = Envelope<u64>, example = json!({"data": 42, "error": null})),
        (status = 400, description = "Not JSON, or a wrong field", body = ErrorEnvelope),
        (status = 401, description = "No or an unknown key", body = ErrorEnvelope),
        (status = 403, description = "The key may not read", body = ErrorEnvelope),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        (status = 503, description = "The log store is away", body = ErrorEnvelope),
    )
)]
pub(crate) async fn count(
    reader: Reader,
    State(state): State<ApiState>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Envelope<u64>>, ApiError> {
    let filter = query::calls(&state, &whole(body)?, reader.organization_id).await?;
    Ok(Envelope::json(state.log.count(reader.organization_id, filter).await?))
}

/// Returns the whole body, or says that it is too long or was cut.
fn whole(body: Result<Bytes, BytesRejection>) -> Result<Bytes, ApiError> {
    body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            ApiError::new(ErrorKind::BodyTooLarge, format!("the body is longer than {MAX_BODY_BYTES} bytes"))
        }
        _ => ApiError::new(ErrorKind::InvalidJson, "the body could not be read to its end"),
    })
}
