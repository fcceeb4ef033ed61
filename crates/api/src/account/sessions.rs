//! Where somebody is signed in.

use axum::Json;
use axum::extract::State;
use gatehouse_store::accounts::{AccountChange, StoredSession};
use gatehouse_store::audit::{Action, Actor};
use gatehouse_store::control::{Change, Changed};
use gatehouse_types::SessionId;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::Person;
use crate::error::{ApiError, ErrorKind};
use crate::fields::PathId;
use crate::replies::{Done, IdRefusals, Refusals};
use crate::request::Envelope;
use crate::state::ApiState;

/// A browser in which the caller is signed in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BrowserSession, example = json!({
    "id": "5b6a3a52-8ed6-4a3c-9cc1-8f2d6a1b7c10", "user_agent": "Mozilla/5.0", "address": "203.0.113.9",
    "created_at": "2026-11-22T14:06:00.123Z", "last_used_at": "2026-11-22T15:06:00.123Z",
    "expires_at": "2026-12-22T14:06:00.123Z", "is_current": true
}))]
pub(crate) struct SessionAnswer {
    id: Uuid,
    /// What the browser calls itself.
    user_agent: String,
    /// Where they signed in from.
    address: String,
    created_at: String,
    /// To within a minute.
    last_used_at: String,
    expires_at: String,
    /// Whether it makes this call.
    is_current: bool,
}

/// Lists where the caller is signed in, the last used first.
#[utoipa::path(
    get, path = "/v1/account/sessions", operation_id = "listBrowserSessions", tag = "Account",
    responses((status = 200, description = "The sessions", body = Envelope<Vec<SessionAnswer>>), Refusals)
)]
pub(crate) async fn list(
    Person(person): Person,
    State(state): State<ApiState>,
) -> Result<Json<Envelope<Vec<SessionAnswer>>>, ApiError> {
    let control = state.control()?;
    let now = control.now();
    let mut sessions = control.store().accounts().await?.sessions;
    sessions.retain(|found| found.user_id == person.entry.user_id && found.expires_at > now);
    sessions.sort_by_key(|found| std::cmp::Reverse(found.last_used_at));
    let answer = |found: StoredSession| SessionAnswer {
        id: found.id.as_uuid(),
        user_agent: found.user_agent,
        address: found.address,
        created_at: found.created_at.to_string(),
        last_used_at: found.last_used_at.to_string(),
        expires_at: found.expires_at.to_string(),
        is_current: found.id == person.entry.session_id,
    };
    Ok(Envelope::json(sessions.into_iter().map(answer).collect()))
}

/// Ends one of the caller's sessions.
#[utoipa::path(
    delete, path = "/v1/account/sessions/{id}", operation_id = "endBrowserSession", tag = "Account",
    params(("id" = Uuid, Path, description = "The session's id")),
    responses((status = 200, description = "It has ended", body = Done), IdRefusals)
)]
pub(crate) async fn end(
    Person(person): Person,
    PathId(id): PathId,
    State(state): State<ApiState>,
) -> Result<Json<Done>, ApiError> {
    let (entry, control) = (person.entry, state.control()?);
    let change = AccountChange::EndSession(entry.user_id, SessionId::from_uuid(id));
    let actor = Actor::User(entry.user_id);
    let audit = control.entry(entry.organization_id, actor, Action::SignedOut, id, "another session");
    match control.change(Change::Account(Box::new(change)), audit).await? {
        Changed::Done => Ok(Done::json()),
        Changed::NotFound | Changed::Exists => {
            Err(ApiError::new(ErrorKind::NotFound, format!("you have no session {id}")))
        }
    }
}

/// Ends every session of the caller but the one that makes the call.
#[utoipa::path(
    delete, path = "/v1/account/sessions", operation_id = "endOtherBrowserSessions", tag = "Account",
    responses((status = 200, description = "They have ended", body = Done), Refusals)
)]
pub(crate) async fn end_others(
    Person(person): Person,
    State(state): State<ApiState>,
) -> Result<Json<Done>, ApiError> {
    let (entry, control) = (person.entry, state.control()?);
    let change = AccountChange::EndOtherSessions(entry.user_id, entry.session_id);
    let (actor, kept) = (Actor::User(entry.user_id), entry.session_id);
    let audit = control.entry(entry.organization_id, actor, Action::SignedOut, kept, "all others");
    // Where there is no other there is nothing to be ended.
    control.change(Change::Account(Box::new(change)), audit).await?;
    Ok(Done::json())
}
