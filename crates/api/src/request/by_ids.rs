//! Calls by their ids, and what Helicone keeps beside them and this store does not.

use axum::Json;
use axum::extract::State;
use gatehouse_store::filter::{Column, Condition, Filter, Test, TextColumn};
use gatehouse_store::log::{Direction, RowQuery, SortKey};
use gatehouse_types::RequestId;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::links::{Base, Links};
use super::row::Bodies;
use super::{Envelope, HeliconeRequest};
use crate::auth::Reader;
use crate::error::{ApiError, ErrorEnvelope, ErrorKind};
use crate::fields::Fields;
use crate::replies::Refusals;
use crate::state::ApiState;

/// How many calls can be asked for at once.
const MAX_IDS: usize = 1_000;

/// Which calls are wanted.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase", example = json!({"requestIds": ["0199f0a1-7c1e-7c3a-9a55-3f2f0c8f1d20"]}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct QueryRequestIds {
    /// Their ids, up to 1,000.
    request_ids: Vec<String>,
}

/// Returns calls by their ids, the newest first, without their bodies; ids of no call are left out.
#[utoipa::path(
    post, path = "/v1/request/query-ids", operation_id = "queryRequestIds", tag = "Requests",
    request_body = QueryRequestIds,
    responses(
        (status = 200, description = "The calls", body = Envelope<Vec<HeliconeRequest>>),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        Refusals,
    )
)]
pub(crate) async fn query_ids(
    reader: Reader,
    State(state): State<ApiState>,
    base: Base,
    fields: Fields,
) -> Result<Json<Envelope<Vec<HeliconeRequest>>>, ApiError> {
    let ids = ids(&fields)?;
    if ids.is_empty() {
        return Ok(Envelope::json(Vec::new()));
    }
    let query = RowQuery {
        organization_id: reader.organization_id,
        filter: Filter::Leaf(Condition {
            column: Column::Text(TextColumn::RequestId),
            test: Test::TextIn(ids),
        }),
        sort: SortKey::CreatedAt,
        direction: Direction::Descending,
        offset: 0,
        after: None,
        limit: u32::try_from(MAX_IDS).unwrap_or(u32::MAX),
    };
    let rows = state.log.rows(query).await?;
    let view = state.view.load();
    let links = Links { key: &state.link_key, base: &base, now: state.clock.now() };
    let shown = |row| HeliconeRequest::linked(row, Bodies::Left, &view.mappings, &links);
    Ok(Envelope::json(rows.into_iter().map(shown).collect()))
}

/// Reads the ids, in the spelling of rows.
fn ids(fields: &Fields) -> Result<Vec<String>, ApiError> {
    let expected = format!("a list of up to {MAX_IDS} ids of calls (UUIDs)");
    let wrong = || ApiError::field("requestIds", &expected);
    let list = fields.value("requestIds").and_then(Value::as_array).filter(|list| list.len() <= MAX_IDS);
    let id = |id: &Value| id.as_str().and_then(RequestId::parse).map(|id| id.to_string());
    list.ok_or_else(wrong)?.iter().map(|value| id(value).ok_or_else(wrong)).collect()
}

/// Where an asset is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Asset {
    /// Its URL.
    #[serde(rename = "assetUrl")]
    asset_url: String,
}

/// Says that there is no such asset: pictures and files stay in the bodies, where the caller put them.
#[utoipa::path(
    post, path = "/v1/request/{id}/assets/{asset_id}", operation_id = "getRequestAsset", tag = "Requests",
    params(
        ("id" = String, Path, format = Uuid, description = "The call's id, as in `Helicone-Id`", example = "0199f0a1-7c1e-7c3a-9a55-3f2f0c8f1d20"),
        ("asset_id" = String, Path, description = "The asset's id", example = "0199f0a1-7c1e-7c3a-9a55-3f2f0c8f1d21"),
    ),
    responses(
        (status = 200, description = "Where it is", body = Envelope<Asset>),
        (status = 404, description = "There is no such asset", body = ErrorEnvelope),
        Refusals,
    )
)]
pub(crate) async fn asset(
    _reader: Reader,
    State(_): State<ApiState>,
) -> Result<Json<Envelope<Asset>>, ApiError> {
    let message =
        "no assets are kept beside bodies: `GET /v1/request/{id}?includeBody=true` has what was sent";
    Err(ApiError::new(ErrorKind::NotFound, message))
}
