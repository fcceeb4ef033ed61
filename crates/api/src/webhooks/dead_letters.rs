//! What webhooks could not be told: to be seen, sent again, or thrown away.

use axum::Json;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use gatehouse_store::audit::Action;
use gatehouse_store::control::{Change, Changed};
use gatehouse_store::webhooks::DeadLetter;
use gatehouse_types::OrganizationId;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::courier::Addressee;
use super::{Tried, find, open, patiently};
use crate::auth::{Manager, Reader};
use crate::error::{ApiError, ErrorKind};
use crate::fields::PathId;
use crate::replies::{Done, IdRefusals};
use crate::request::Envelope;
use crate::state::ApiState;

/// What a webhook could not be told.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeadLetter, example = json!({
    "id": "0199f0a1-7c1e-7c3a-9a55-3f2f0c8f1d20", "request_id": "0199f0a1-7c1e-7c3a-9a55-3f2f0c8f1d1f",
    "error": "the receiver answered with status 500", "attempts": 5, "body_bytes": 1834,
    "failed_at": "2026-11-22T14:06:00.123Z"
}))]
pub(crate) struct DeadLetterAnswer {
    /// Its id, which was and will be the `Gatehouse-Delivery` of its deliveries.
    id: Uuid,
    /// The call it is about.
    request_id: Uuid,
    /// What went wrong at last.
    error: String,
    /// How often it was tried.
    attempts: u32,
    /// How long its body is.
    body_bytes: usize,
    /// When it was given up.
    failed_at: String,
}

impl From<DeadLetter> for DeadLetterAnswer {
    fn from(letter: DeadLetter) -> Self {
        Self {
            id: letter.id,
            request_id: letter.request_id.as_uuid(),
            attempts: letter.attempts,
            body_bytes: letter.body.len(),
            failed_at: letter.failed_at.to_string(),
            error: letter.error,
        }
    }
}

/// A webhook and one of its dead letters, in a path.
pub(crate) struct LetterPath {
    webhook: Uuid,
    letter: Uuid,
}

impl FromRequestParts<ApiState> for LetterPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        let path = Path::<(String, String)>::from_request_parts(parts, state).await;
        let Path((webhook, letter)) = path.map_err(|_| ApiError::field("id", "a UUID"))?;
        let id = |name, text: &str| Uuid::try_parse(text).map_err(|_| ApiError::field(name, "a UUID"));
        Ok(Self { webhook: id("id", &webhook)?, letter: id("letter_id", &letter)? })
    }
}

/// Lists what a webhook could not be told, newest first: of the organisation's last 1,000 dead letters.
#[utoipa::path(
    get, path = "/v1/webhooks/{id}/dead-letters", operation_id = "listDeadLetters", tag = "Webhooks",
    params(("id" = Uuid, Path, description = "The webhook's id")),
    responses((status = 200, description = "The dead letters", body = Envelope<Vec<DeadLetterAnswer>>), IdRefusals)
)]
pub(crate) async fn list(
    reader: Reader,
    PathId(id): PathId,
    State(state): State<ApiState>,
) -> Result<Json<Envelope<Vec<DeadLetterAnswer>>>, ApiError> {
    let control = state.control()?;
    find(control, reader.organization_id, id).await?;
    let letters = of_webhook(&state, reader.organization_id, id).await?;
    Ok(Envelope::json(letters.into_iter().map(DeadLetterAnswer::from).collect()))
}

/// Sends a dead letter once more, now; it is removed when the receiver takes it.
#[utoipa::path(
    post, path = "/v1/webhooks/{id}/dead-letters/{letter_id}/retry", operation_id = "retryDeadLetter", tag = "Webhooks",
    params(
        ("id" = Uuid, Path, description = "The webhook's id"),
        ("letter_id" = Uuid, Path, description = "The dead letter's id"),
    ),
    responses((status = 200, description = "What came of it", body = Envelope<Tried>), IdRefusals)
)]
pub(crate) async fn retry(
    manager: Manager,
    path: LetterPath,
    State(state): State<ApiState>,
) -> Result<Json<Envelope<Tried>>, ApiError> {
    let control = state.control()?;
    let organization_id = manager.organization_id;
    let webhook = find(control, organization_id, path.webhook).await?;
    let letters = of_webhook(&state, organization_id, path.webhook).await?;
    let letter = letters.into_iter().find(|letter| letter.id == path.letter);
    let letter = letter.ok_or_else(|| no_letter(path.letter))?;
    let key = open(control, &webhook)?;
    let addressee = Addressee { destination: &webhook.destination, key: &key };
    let sent = patiently(state.courier()?.send(addressee, letter.id, letter.body)).await;
    if sent.is_ok() {
        let actor = manager.actor;
        let audit = control.entry(organization_id, actor, Action::DeadLetterRemoved, letter.id, "delivered");
        // Somebody may have removed it meanwhile: it is delivered all the same.
        control.change(Change::RemoveDeadLetter(organization_id, letter.id), audit).await?;
    }
    Ok(Envelope::json(Tried::new(sent)))
}

/// Throws a dead letter away.
#[utoipa::path(
    delete, path = "/v1/webhooks/{id}/dead-letters/{letter_id}", operation_id = "removeDeadLetter", tag = "Webhooks",
    params(
        ("id" = Uuid, Path, description = "The webhook's id"),
        ("letter_id" = Uuid, Path, description = "The dead letter's id"),
    ),
    responses((status = 200, description = "It is removed", body = Done), IdRefusals)
)]
pub(crate) async fn remove(
    manager: Manager,
    path: LetterPath,
    State(state): State<ApiState>,
) -> Result<Json<Done>, ApiError> {
    let control = state.control()?;
    let organization_id = manager.organization_id;
    let letters = of_webhook(&state, organization_id, path.webhook).await?;
    if !letters.iter().any(|letter| letter.id == path.letter) {
        return Err(no_letter(path.letter));
    }
    let audit =
        control.entry(organization_id, manager.actor, Action::DeadLetterRemoved, path.letter, "given up");
    match control.change(Change::RemoveDeadLetter(organization_id, path.letter), audit).await? {
        Changed::Done => Ok(Done::json()),
        Changed::NotFound | Changed::Exists => Err(no_letter(path.letter)),
    }
}

/// Returns the dead letters of one webhook, newest first.
async fn of_webhook(
    state: &ApiState,
    organization_id: OrganizationId,
    webhook: Uuid,
) -> Result<Vec<DeadLetter>, ApiError> {
    let _turn = state.reading_letters.take(organization_id).await;
    let mut letters = state.control()?.store().dead_letters(organization_id).await?;
    letters.retain(|letter| letter.webhook_id.as_uuid() == webhook);
    Ok(letters)
}

fn no_letter(id: Uuid) -> ApiError {
    ApiError::new(ErrorKind::NotFound, format!("there is no dead letter {id}"))
}
