//! Saved queries.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use gatehouse_store::audit::Action;
use gatehouse_store::control::{Change, Changed};
use gatehouse_store::desk::{DeskChange, MAX_SAVED_QUERIES, SavedQuery};
use gatehouse_types::{OrganizationId, SavedQueryId};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{EXPECTED_SQL, sql};
use crate::auth::{Reader, Writer};
use crate::control::Control;
use crate::error::{ApiError, ErrorEnvelope, ErrorKind};
use crate::fields::{Fields, PathId};
use crate::replies::{Done, IdRefusals, Refusals};
use crate::request::Envelope;
use crate::state::ApiState;

/// A saved query.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SavedQuery, example = json!({
    "id": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff", "organization_id": "0199f0a1-7c1e-7c3a-9a55-3f2f0c8f1d20",
    "name": "Calls by model", "sql": "select model, count(*) FROM request_response_rmt GROUP BY model",
    "created_at": "2026-11-22T14:06:00.123Z", "updated_at": "2026-11-22T14:06:00.123Z"
}))]
pub(crate) struct SavedQueryAnswer {
    id: Uuid,
    organization_id: Uuid,
    /// What it is called.
    name: String,
    /// The query.
    sql: String,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

impl From<SavedQuery> for SavedQueryAnswer {
    fn from(query: SavedQuery) -> Self {
        Self {
            id: query.id.as_uuid(),
            organization_id: query.organization_id.as_uuid(),
            name: query.name,
            sql: query.sql,
            created_at: query.created_at.to_string(),
            updated_at: query.updated_at.to_string(),
        }
    }
}

/// A query to be saved. It is not run, so that one that is not finished can be saved too.
#[derive(Debug, ToSchema)]
#[schema(example = json!({
    "name": "Calls by model", "sql": "select model, count(*) FROM request_response_rmt GROUP BY model"
}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct SaveQuery {
    /// What it is to be called: 1 to 200 characters.
    name: String,
    /// The query: 1 to 65536 bytes.
    sql: String,
}

/// The saved queries to be removed.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"ids": ["6f9619ff-8b86-4d01-b42d-00cf4fc964ff"]}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct RemoveQueries {
    /// Their ids; those that are not there are passed over.
    ids: Vec<Uuid>,
}

/// Lists the organisation's saved queries, oldest first.
#[utoipa::path(
    get, path = "/v1/helicone-sql/saved-queries", operation_id = "listSavedQueries", tag = "SQL",
    responses((status = 200, description = "The queries", body = Envelope<Vec<SavedQueryAnswer>>), Refusals)
)]
pub(crate) async fn list(
    reader: Reader,
    State(state): State<ApiState>,
) -> Result<Json<Envelope<Vec<SavedQueryAnswer>>>, ApiError> {
    let queries = state.control()?.store().saved_queries(reader.organization_id).await?;
    Ok(Envelope::json(queries.into_iter().map(SavedQueryAnswer::from).collect()))
}

/// Returns a saved query.
#[utoipa::path(
    get, path = "/v1/helicone-sql/saved-query/{id}", operation_id = "getSavedQuery", tag = "SQL",
    params(("id" = Uuid, Path, description = "The query's id")),
    responses((status = 200, description = "The query", body = Envelope<SavedQueryAnswer>), IdRefusals)
)]
pub(crate) async fn read(
    reader: Reader,
    PathId(id): PathId,
    State(state): State<ApiState>,
) -> Result<Json<Envelope<SavedQueryAnswer>>, ApiError> {
    Ok(Envelope::json(find(state.control()?, reader.organization_id, id).await?.into()))
}

/// Saves a query.
#[utoipa::path(
    post, path = "/v1/helicone-sql/saved-query", operation_id = "saveQuery", tag = "SQL",
    request_body = SaveQuery,
    responses(
        (status = 201, description = "The query", body = Envelope<SavedQueryAnswer>),
        (status = 409, description = "There are as many as there may be", body = ErrorEnvelope),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        Refusals,
    )
)]
pub(crate) async fn create(
    writer: Writer,
    State(state): State<ApiState>,
    fields: Fields,
) -> Result<(StatusCode, Json<Envelope<SavedQueryAnswer>>), ApiError> {
    let (name, sql) = contents(&fields)?;
    let control = state.control()?;
    let organization_id = writer.organization_id;
    let _turn = control.take_turn().await;
    if control.store().saved_queries(organization_id).await?.len() >= MAX_SAVED_QUERIES {
        return Err(ApiError::too_many(MAX_SAVED_QUERIES, "saved queries"));
    }
    let now = control.now();
    let id = SavedQueryId::generate();
    let query = SavedQuery { id, organization_id, name, sql, created_at: now, updated_at: now };
    let audit = control.entry(organization_id, writer.actor, Action::SavedQueryAdded, id, &query.name);
    match control.change(Change::Desk(DeskChange::AddQuery(query.clone())), audit).await? {
        Changed::Done => Ok((StatusCode::CREATED, Envelope::json(query.into()))),
        Changed::Exists | Changed::NotFound => Err(absent(id.as_uuid())),
    }
}

/// Replaces a saved query.
#[utoipa::path(
    put, path = "/v1/helicone-sql/saved-query/{id}", operation_id = "replaceSavedQuery", tag = "SQL",
    params(("id" = Uuid, Path, description = "The query's id")),
    request_body = SaveQuery,
    responses(
        (status = 200, description = "The query", body = Envelope<SavedQueryAnswer>),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        IdRefusals,
    )
)]
pub(crate) async fn replace(
    writer: Writer,
    PathId(id): PathId,
    State(state): State<ApiState>,
    fields: Fields,
) -> Result<Json<Envelope<SavedQueryAnswer>>, ApiError> {
    let (name, sql) = contents(&fields)?;
    let control = state.control()?;
    let organization_id = writer.organization_id;
    let query = find(control, organization_id, id).await?;
    let query = SavedQuery { name, sql, updated_at: control.now(), ..query };
    let audit = control.entry(organization_id, writer.actor, Action::SavedQueryChanged, id, &query.name);
    match control.change(Change::Desk(DeskChange::UpdateQuery(query.clone())), audit).await? {
        Changed::Done => Ok(Envelope::json(query.into())),
        Changed::NotFound | Changed::Exists => Err(absent(id)),
    }
}

/// Removes a saved query.
#[utoipa::path(
    delete, path = "/v1/helicone-sql/saved-query/{id}", operation_id = "removeSavedQuery", tag = "SQL",
    params(("id" = Uuid, Path, description = "The query's id")),
    responses((status = 200, description = "It is removed", body = Done), IdRefusals)
)]
pub(crate) async fn remove(
    writer: Writer,
    PathId(id): PathId,
    State(state): State<ApiState>,
) -> Result<Json<Done>, ApiError> {
    let query = find(state.control()?, writer.organization_id, id).await?;
    remove_one(&state, &writer, &query).await?;
    Ok(Done::json())
}

/// Removes saved queries.
#[utoipa::path(
    post, path = "/v1/helicone-sql/saved-queries/bulk-delete", operation_id = "removeSavedQueries", tag = "SQL",
    request_body = RemoveQueries,
    responses(
        (status = 200, description = "They are removed", body = Done),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        Refusals,
    )
)]
pub(crate) async fn remove_many(
    writer: Writer,
    State(state): State<ApiState>,
    fields: Fields,
) -> Result<Json<Done>, ApiError> {
    let ids = ids(&fields)?;
    let queries = state.control()?.store().saved_queries(writer.organization_id).await?;
    for query in queries.iter().filter(|query| ids.contains(&query.id.as_uuid())) {
        remove_one(&state, &writer, query).await?;
    }
    Ok(Done::json())
}

async fn remove_one(state: &ApiState, writer: &Writer, query: &SavedQuery) -> Result<(), ApiError> {
    let control = state.control()?;
    let (organization_id, id) = (writer.organization_id, query.id);
    let audit = control.entry(organization_id, writer.actor, Action::SavedQueryRemoved, id, &query.name);
    // One that somebody else has removed meanwhile is removed too.
    control.change(Change::Desk(DeskChange::RemoveQuery(organization_id, id)), audit).await?;
    Ok(())
}

fn contents(fields: &Fields) -> Result<(String, String), ApiError> {
    let name = fields.name("name")?;
    let sql = sql(fields)?.ok_or_else(|| ApiError::field("sql", EXPECTED_SQL))?;
    Ok((name, sql))
}

fn ids(fields: &Fields) -> Result<Vec<Uuid>, ApiError> {
    let wrong = || ApiError::field("ids", "a list of UUIDs");
    let ids = fields.value("ids").and_then(Value::as_array).ok_or_else(wrong)?;
    ids.iter().map(|id| id.as_str().and_then(|id| Uuid::try_parse(id).ok()).ok_or_else(wrong)).collect()
}

async fn find(control: &Control, organization_id: OrganizationId, id: Uuid) -> Result<SavedQuery, ApiError> {
    let queries = control.store().saved_queries(organization_id).await?;
    queries.into_iter().find(|query| query.id.as_uuid() == id).ok_or_else(|| absent(id))
}

fn absent(id: Uuid) -> ApiError {
    ApiError::new(ErrorKind::NotFound, format!("there is no saved query {id}"))
}
