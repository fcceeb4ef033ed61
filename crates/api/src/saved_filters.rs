//! Saved filters.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use gatehouse_store::audit::Action;
use gatehouse_store::control::{Change, Changed};
use gatehouse_store::desk::{DeskChange, MAX_SAVED_FILTERS, SavedFilter};
use gatehouse_store::filter::Filter;
use gatehouse_types::{OrganizationId, SavedFilterId};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::{Reader, Writer};
use crate::control::Control;
use crate::error::{ApiError, ErrorEnvelope, ErrorKind};
use crate::fields::{Fields, PathId};
use crate::replies::{Done, IdRefusals, Refusals};
use crate::request::Envelope;
use crate::state::ApiState;

/// How long a filter may be as JSON, in bytes.
const MAX_FILTER_BYTES: usize = 64 * 1024;

/// A saved filter.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SavedFilter, example = json!({
    "id": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff", "name": "Failed calls",
    "filter": {"request_response_rmt": {"status": {"gte": 400}}},
    "created_at": "2026-11-22T14:06:00.123Z", "updated_at": "2026-11-22T14:06:00.123Z"
}))]
pub(crate) struct SavedFilterAnswer {
    id: Uuid,
    /// What it is called.
    name: String,
    /// The filter, as it was sent.
    #[schema(value_type = Value)]
    filter: Box<RawValue>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

impl SavedFilterAnswer {
    fn of(filter: SavedFilter) -> Result<Self, ApiError> {
        let unreadable = |_| ApiError::new(ErrorKind::Internal, "a saved filter can't be read");
        Ok(Self {
            id: filter.id.as_uuid(),
            name: filter.name,
            filter: RawValue::from_string(filter.filter).map_err(unreadable)?,
            created_at: filter.created_at.to_string(),
            updated_at: filter.updated_at.to_string(),
        })
    }
}

/// A filter to be saved.
#[derive(Debug, ToSchema)]
#[schema(example = json!({
    "name": "Failed calls", "filter": {"request_response_rmt": {"status": {"gte": 400}}}
}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct SaveFilter {
    /// What it is to be called: 1 to 200 characters.
    name: String,
    /// The filter, as in a query of calls.
    filter: Value,
}

/// What is to be changed of a saved filter; what is left out stays.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"name": "Failures"}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct ChangeFilter {
    /// What it is to be called: 1 to 200 characters.
    #[schema(required = false)]
    name: Option<String>,
    /// The filter, as in a query of calls.
    #[schema(value_type = Option<Value>, required = false)]
    filter: Option<Value>,
}

/// Lists the organisation's saved filters, oldest first.
#[utoipa::path(
    get, path = "/v1/filter", operation_id = "listSavedFilters", tag = "Filters",
    responses((status = 200, description = "The filters", body = Envelope<Vec<SavedFilterAnswer>>), Refusals)
)]
pub(crate) async fn list(
    reader: Reader,
    State(state): State<ApiState>,
) -> Result<Json<Envelope<Vec<SavedFilterAnswer>>>, ApiError> {
    let filters = state.control()?.store().saved_filters(reader.organization_id).await?;
    Ok(Envelope::json(filters.into_iter().map(SavedFilterAnswer::of).collect::<Result<_, _>>()?))
}

/// Returns a saved filter.
#[utoipa::path(
    get, path = "/v1/filter/{id}", operation_id = "getSavedFilter", tag = "Filters",
    params(("id" = Uuid, Path, description = "The filter's id")),
    responses((status = 200, description = "The filter", body = Envelope<SavedFilterAnswer>), IdRefusals)
)]
pub(crate) async fn read(
    reader: Reader,
    PathId(id): PathId,
    State(state): State<ApiState>,
) -> Result<Json<Envelope<SavedFilterAnswer>>, ApiError> {
    Ok(Envelope::json(SavedFilterAnswer::of(find(state.control()?, reader.organization_id, id).await?)?))
}

/// Saves a filter.
#[utoipa::path(
    post, path = "/v1/filter", operation_id = "saveFilter", tag = "Filters",
    request_body = SaveFilter,
    responses(
        (status = 201, description = "The filter", body = Envelope<SavedFilterAnswer>),
        (status = 409, description = "There are as many as there may be", body = ErrorEnvelope),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        Refusals,
    )
)]
pub(crate) async fn create(
    writer: Writer,
    State(state): State<ApiState>,
    fields: Fields,
) -> Result<(StatusCode, Json<Envelope<SavedFilterAnswer>>), ApiError> {
    let name = fields.name("name")?;
    let filter = filter(&fields)?.ok_or_else(|| ApiError::field("filter", "a filter, or `all`"))?;
    let control = state.control()?;
    let organization_id = writer.organization_id;
    let _turn = control.take_turn().await;
    if control.store().saved_filters(organization_id).await?.len() >= MAX_SAVED_FILTERS {
        return Err(ApiError::too_many(MAX_SAVED_FILTERS, "saved filters"));
    }
    let now = control.now();
    let id = SavedFilterId::generate();
    let saved = SavedFilter { id, organization_id, name, filter, created_at: now, updated_at: now };
    let audit = control.entry(organization_id, writer.actor, Action::SavedFilterAdded, id, &saved.name);
    match control.change(Change::Desk(DeskChange::AddFilter(saved.clone())), audit).await? {
        Changed::Done => Ok((StatusCode::CREATED, Envelope::json(SavedFilterAnswer::of(saved)?))),
        Changed::Exists | Changed::NotFound => Err(absent(id.as_uuid())),
    }
}

/// Changes a saved filter.
#[utoipa::path(
    patch, path = "/v1/filter/{id}", operation_id = "changeSavedFilter", tag = "Filters",
    params(("id" = Uuid, Path, description = "The filter's id")),
    request_body = ChangeFilter,
    responses(
        (status = 200, description = "The filter", body = Envelope<SavedFilterAnswer>),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        IdRefusals,
    )
)]
pub(crate) async fn change(
    writer: Writer,
    PathId(id): PathId,
    State(state): State<ApiState>,
    fields: Fields,
) -> Result<Json<Envelope<SavedFilterAnswer>>, ApiError> {
    let (name, filter) = (fields.optional_name("name")?, filter(&fields)?);
    let control = state.control()?;
    let organization_id = writer.organization_id;
    let _turn = control.take_turn().await;
    let saved = find(control, organization_id, id).await?;
    let saved = SavedFilter {
        name: name.unwrap_or(saved.name),
        filter: filter.unwrap_or(saved.filter),
        updated_at: control.now(),
        ..saved
    };
    let audit = control.entry(organization_id, writer.actor, Action::SavedFilterChanged, id, &saved.name);
    match control.change(Change::Desk(DeskChange::UpdateFilter(saved.clone())), audit).await? {
        Changed::Done => Ok(Envelope::json(SavedFilterAnswer::of(saved)?)),
        Changed::NotFound | Changed::Exists => Err(absent(id)),
    }
}

/// Removes a saved filter.
#[utoipa::path(
    delete, path = "/v1/filter/{id}", operation_id = "removeSavedFilter", tag = "Filters",
    params(("id" = Uuid, Path, description = "The filter's id")),
    responses((status = 200, description = "It is removed", body = Done), IdRefusals)
)]
pub(crate) async fn remove(
    writer: Writer,
    PathId(id): PathId,
    State(state): State<ApiState>,
) -> Result<Json<Done>, ApiError> {
    let control = state.control()?;
    let organization_id = writer.organization_id;
    let saved = find(control, organization_id, id).await?;
    let audit = control.entry(organization_id, writer.actor, Action::SavedFilterRemoved, id, &saved.name);
    let removal = Change::Desk(DeskChange::RemoveFilter(organization_id, saved.id));
    match control.change(removal, audit).await? {
        Changed::Done => Ok(Done::json()),
        Changed::NotFound | Changed::Exists => Err(absent(id)),
    }
}

/// Returns the filter of a body as JSON text, if there is one: what can't be understood is not kept.
fn filter(fields: &Fields) -> Result<Option<String>, ApiError> {
    let Some(filter) = fields.value("filter") else { return Ok(None) };
    Filter::parse(filter).map_err(|error| ApiError::new(ErrorKind::InvalidFilter, error.to_string()))?;
    let text = filter.to_string();
    if text.len() > MAX_FILTER_BYTES {
        return Err(ApiError::field("filter", "no longer than 65536 bytes"));
    }
    Ok(Some(text))
}

async fn find(control: &Control, organization_id: OrganizationId, id: Uuid) -> Result<SavedFilter, ApiError> {
    let filters = control.store().saved_filters(organization_id).await?;
    filters.into_iter().find(|filter| filter.id.as_uuid() == id).ok_or_else(|| absent(id))
}

fn absent(id: Uuid) -> ApiError {
    ApiError::new(ErrorKind::NotFound, format!("there is no saved filter {id}"))
}
