//! Mappers: how calls of APIs are read that no reader knows, and what administrators decide about that.

mod answers;
mod choices;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use gatehouse_mapper::mapping::MappingDocument;
use gatehouse_store::audit::{Action, Actor};
use gatehouse_store::control::{Change, Changed};
use gatehouse_store::mappers::{Mapper, MapperVersion, MappingStatus, SavedMapper};
use gatehouse_types::{MapperId, OrganizationId};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::{Manager, Reader};
use crate::control::Control;
use crate::error::{ApiError, ErrorEnvelope, ErrorKind};
use crate::fields::{Fields, OptionalFields, PathId};
use crate::replies::{Done, IdRefusals, Refusals};
use crate::request::Envelope;
use crate::state::ApiState;

use answers::{MapperAnswer, MapperDetail, inference_of, may_be_active};

/// Lists the organisation's mappers, oldest first.
#[utoipa::path(
    get, path = "/v1/mappers", operation_id = "listMappers", tag = "Mappers",
    responses((status = 200, description = "The mappers", body = Envelope<Vec<MapperAnswer>>), Refusals)
)]
pub(crate) async fn list(
    reader: Reader,
    State(state): State<ApiState>,
) -> Result<Json<Envelope<Vec<MapperAnswer>>>, ApiError> {
    let mut mappers = state.control()?.store().mappers().await?;
    mappers.retain(|mapper| mapper.organization_id == reader.organization_id);
    Ok(Envelope::json(mappers.iter().map(MapperAnswer::from).collect()))
}

/// Returns a mapper with its versions and the candidates for each field.
#[utoipa::path(
    get, path = "/v1/mappers/{id}", operation_id = "getMapper", tag = "Mappers",
    params(("id" = Uuid, Path, description = "The mapper's id")),
    responses((status = 200, description = "The mapper", body = Envelope<MapperDetail>), IdRefusals)
)]
pub(crate) async fn read(
    reader: Reader,
    PathId(id): PathId,
    State(state): State<ApiState>,
) -> Result<Json<Envelope<MapperDetail>>, ApiError> {
    let (mapper, versions) = find(state.control()?, reader.organization_id, id).await?;
    Ok(Envelope::json(MapperDetail::of(&mapper, &versions)))
}

/// Has a mapping inferred of the newest calls now, instead of at the next time it is due.
#[utoipa::path(
    post, path = "/v1/mappers/{id}/infer", operation_id = "inferMapping", tag = "Mappers",
    params(("id" = Uuid, Path, description = "The mapper's id")),
    responses((status = 202, description = "It will be tried next", body = Done), IdRefusals)
)]
pub(crate) async fn infer(
    manager: Manager,
    PathId(id): PathId,
    State(state): State<ApiState>,
) -> Result<(StatusCode, Json<Done>), ApiError> {
    let organization_id = manager.organization_id;
    let (mapper, _) = find(state.control()?, organization_id, id).await?;
    if !state.mapper_tasks()?.infer(organization_id, mapper.id) {
        return Err(no_room());
    }
    Ok((StatusCode::ACCEPTED, Done::json()))
}

/// What is approved.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"choices": [
    {"field": "text", "candidate": 0}, {"field": "input_tokens", "pointer": "/accounting/in"},
    {"field": "reasoning", "nothing": true}
]}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct ApproveMapping {
    /// The version whose candidates are meant; the newest one where nothing is said.
    version: Option<u32>,
    /// What was chosen for fields; where nothing is said, the best candidate of every field that waits.
    choices: Option<Vec<choices::MappingChoice>>,
}

/// Puts a mapping in force: a new version with what was chosen. Stored calls are read by it in the background.
#[utoipa::path(
    post, path = "/v1/mappers/{id}/approve", operation_id = "approveMapping", tag = "Mappers",
    params(("id" = Uuid, Path, description = "The mapper's id")), request_body = ApproveMapping,
    responses(
        (status = 200, description = "The mapper as it is now", body = Envelope<MapperDetail>),
        (status = 409, description = "Nothing was inferred yet, or the mapper was changed meanwhile", body = ErrorEnvelope),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        IdRefusals,
    )
)]
pub(crate) async fn approve(
    manager: Manager,
    PathId(id): PathId,
    State(state): State<ApiState>,
    OptionalFields(fields): OptionalFields,
) -> Result<Json<Envelope<MapperDetail>>, ApiError> {
    let control = state.control()?;
    let _turn = control.take_turn().await;
    let (mapper, versions) = find(control, manager.organization_id, id).await?;
    let proposed = proposed(&fields, &versions)?;
    let inference = inference_of(proposed).ok_or_else(nothing_inferred)?;
    let document = choices::document(&fields, &inference)?;
    let document = MappingDocument { scope: scope_of(proposed).unwrap_or_default(), ..document };
    let number = versions.last().map_or(1, |version| version.version.saturating_add(1));
    let made = MapperVersion {
        version: number,
        parent: Some(proposed.version),
        status: MappingStatus::Active,
        document: json_of(&document)?,
        created_by: manager.actor.id().unwrap_or_default(),
        created_at: control.now(),
        ..proposed.clone()
    };
    let detail = format!("version {number}, from version {}", proposed.version);
    let mut saved: Vec<MapperVersion> = versions.iter().filter_map(|old| taken_out(old, &mapper)).collect();
    saved.push(made);
    let mapper = Mapper { status: MappingStatus::Active, active_version: Some(number), ..mapper };
    let decision = Decision { mapper, versions: saved, action: Action::MapperActivated, detail };
    put_in_force(&state, manager.actor, decision).await
}

/// Which version is declined.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"version": 2}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct DeclineMapping {
    /// The version; the newest one where nothing is said.
    version: Option<u32>,
}

/// Declines a version. If it is in force, no version is from now on; calls that it has read stay as it read them.
#[utoipa::path(
    post, path = "/v1/mappers/{id}/decline", operation_id = "declineMapping", tag = "Mappers",
    params(("id" = Uuid, Path, description = "The mapper's id")), request_body = DeclineMapping,
    responses(
        (status = 200, description = "The mapper as it is now", body = Envelope<MapperDetail>),
        (status = 409, description = "Nothing was inferred yet, or the mapper was changed meanwhile", body = ErrorEnvelope),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        IdRefusals,
    )
)]
pub(crate) async fn decline(
    manager: Manager,
    PathId(id): PathId,
    State(state): State<ApiState>,
    OptionalFields(fields): OptionalFields,
) -> Result<Json<Envelope<MapperDetail>>, ApiError> {
    let control = state.control()?;
    let _turn = control.take_turn().await;
    let (mapper, versions) = find(control, manager.organization_id, id).await?;
    let declined = proposed(&fields, &versions)?.clone();
    let number = declined.version;
    let active_version = mapper.active_version.filter(|active| *active != number);
    let status = if active_version.is_some() { MappingStatus::Active } else { MappingStatus::Declined };
    let decision = Decision {
        mapper: Mapper { status, active_version, ..mapper },
        versions: vec![MapperVersion { status: MappingStatus::Declined, ..declined }],
        action: Action::MapperDeclined,
        detail: format!("version {number}"),
    };
    save(control, manager.actor, decision).await
}

/// Which version is set back to.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"version": 1}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct RollBackMapping {
    version: u32,
}

/// Puts an earlier version in force again. Stored calls are read by it in the background.
#[utoipa::path(
    post, path = "/v1/mappers/{id}/rollback", operation_id = "rollBackMapping", tag = "Mappers",
    params(("id" = Uuid, Path, description = "The mapper's id")), request_body = RollBackMapping,
    responses(
        (status = 200, description = "The mapper as it is now", body = Envelope<MapperDetail>),
        (status = 409, description = "The mapper was changed meanwhile", body = ErrorEnvelope),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        IdRefusals,
    )
)]
pub(crate) async fn roll_back(
    manager: Manager,
    PathId(id): PathId,
    State(state): State<ApiState>,
    fields: Fields,
) -> Result<Json<Envelope<MapperDetail>>, ApiError> {
    let number =
        version_field(&fields)?.ok_or_else(|| ApiError::field("version", "the number of a version"))?;
    let control = state.control()?;
    let _turn = control.take_turn().await;
    let (mapper, versions) = find(control, manager.organization_id, id).await?;
    let chosen =
        versions.iter().find(|version| version.version == number).ok_or_else(|| no_version(number))?;
    if !may_be_active(chosen) {
        return Err(ApiError::field("version", "the number of a version that says something"));
    }
    let mut saved: Vec<MapperVersion> = versions.iter().filter_map(|old| taken_out(old, &mapper)).collect();
    saved.retain(|version| version.version != number);
    saved.push(MapperVersion { status: MappingStatus::Active, ..chosen.clone() });
    let mapper = Mapper { status: MappingStatus::Active, active_version: Some(number), ..mapper };
    let detail = format!("version {number}");
    let decision = Decision { mapper, versions: saved, action: Action::MapperRolledBack, detail };
    put_in_force(&state, manager.actor, decision).await
}

/// Removes a mapper and its versions. Calls that it has read stay as it read them; if more of them come, it is
/// made anew.
#[utoipa::path(
    delete, path = "/v1/mappers/{id}", operation_id = "removeMapper", tag = "Mappers",
    params(("id" = Uuid, Path, description = "The mapper's id")),
    responses((status = 200, description = "It is removed", body = Done), IdRefusals)
)]
pub(crate) async fn remove(
    manager: Manager,
    PathId(id): PathId,
    State(state): State<ApiState>,
) -> Result<Json<Done>, ApiError> {
    let control = state.control()?;
    let organization_id = manager.organization_id;
    let (mapper, _) = find(control, organization_id, id).await?;
    let actor = manager.actor;
    let audit = control.entry(organization_id, actor, Action::MapperRemoved, id, describe(&mapper));
    match control.change(Change::RemoveMapper(organization_id, mapper.id), audit).await? {
        Changed::Done => Ok(Done::json()),
        Changed::NotFound | Changed::Exists => Err(absent(id)),
    }
}

/// What was decided about a mapper.
struct Decision {
    mapper: Mapper,
    /// Versions that are new or have another status.
    versions: Vec<MapperVersion>,
    action: Action,
    detail: String,
}

async fn put_in_force(
    state: &ApiState,
    actor: Actor,
    decision: Decision,
) -> Result<Json<Envelope<MapperDetail>>, ApiError> {
    let (organization_id, id) = (decision.mapper.organization_id, decision.mapper.id);
    let tasks = state.mapper_tasks()?;
    let saved = save(state.control()?, actor, decision).await?;
    if !tasks.back_fill(organization_id, id) {
        tracing::warn!(mapper = %id, "stored calls are read by the mapping at the next start only: too many tasks");
    }
    Ok(saved)
}

async fn save(
    control: &Control,
    actor: Actor,
    decision: Decision,
) -> Result<Json<Envelope<MapperDetail>>, ApiError> {
    let Decision { mapper, versions, action, detail } = decision;
    let seen = Some(mapper.updated_at);
    let mapper = Mapper { updated_at: control.now(), ..mapper };
    let (organization_id, id) = (mapper.organization_id, mapper.id);
    let audit = control.entry(organization_id, actor, action, id, detail);
    let saved = Box::new(SavedMapper { mapper: mapper.clone(), seen, versions });
    if control.change(Change::SaveMapper(saved), audit).await? != Changed::Done {
        let message = "the mapper was changed meanwhile: look at it again";
        return Err(ApiError::new(ErrorKind::AlreadyExists, message));
    }
    let versions = control.store().mapper_versions(organization_id, id).await?;
    Ok(Envelope::json(MapperDetail::of(&mapper, &versions)))
}

async fn find(
    control: &Control,
    organization_id: OrganizationId,
    id: Uuid,
) -> Result<(Mapper, Vec<MapperVersion>), ApiError> {
    let mut mappers = control.store().mappers().await?.into_iter();
    let mapper = mappers
        .find(|mapper| (mapper.organization_id, mapper.id) == (organization_id, MapperId::from_uuid(id)))
        .ok_or_else(|| absent(id))?;
    let versions = control.store().mapper_versions(organization_id, mapper.id).await?;
    Ok((mapper, versions))
}

/// Returns the version that a body is about, else the newest that was inferred.
fn proposed<'a>(fields: &Fields, versions: &'a [MapperVersion]) -> Result<&'a MapperVersion, ApiError> {
    match version_field(fields)? {
        Some(number) => {
            versions.iter().find(|version| version.version == number).ok_or_else(|| no_version(number))
        }
        None => versions.last().ok_or_else(nothing_inferred),
    }
}

fn version_field(fields: &Fields) -> Result<Option<u32>, ApiError> {
    let Some(value) = fields.value("version") else { return Ok(None) };
    let number = Value::as_u64(value).and_then(|number| u32::try_from(number).ok());
    number.map(Some).ok_or_else(|| ApiError::field("version", "the number of a version"))
}

/// Returns a version that is in force and no longer will be.
fn taken_out(version: &MapperVersion, mapper: &Mapper) -> Option<MapperVersion> {
    (Some(version.version) == mapper.active_version)
        .then(|| MapperVersion { status: MappingStatus::Inactive, ..version.clone() })
}

fn scope_of(version: &MapperVersion) -> Option<gatehouse_mapper::mapping::Scope> {
    MappingDocument::parse(&version.document).ok().map(|document| document.scope)
}

fn json_of(document: &MappingDocument) -> Result<String, ApiError> {
    let failed = |_| ApiError::new(ErrorKind::Internal, "the mapping could not be written");
    serde_json::to_string(document).map_err(failed)
}

fn describe(mapper: &Mapper) -> String {
    format!("{} {}{}", mapper.scope.method, mapper.scope.host, mapper.scope.path)
}

fn absent(id: Uuid) -> ApiError {
    ApiError::new(ErrorKind::NotFound, format!("there is no mapper {id}"))
}

fn no_version(number: u32) -> ApiError {
    ApiError::new(ErrorKind::NotFound, format!("this mapper has no version {number}"))
}

fn nothing_inferred() -> ApiError {
    let message = "nothing was inferred for this mapper yet: it takes five calls that went well";
    ApiError::new(ErrorKind::AlreadyExists, message)
}

fn no_room() -> ApiError {
    ApiError::new(
        ErrorKind::StoreUnavailable,
        "the mapper job is not running, or has too much to do: try again",
    )
}
