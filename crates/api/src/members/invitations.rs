//! Invitations to an organisation, accepted by a link that is good once.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use gatehouse_store::accounts::{AccountChange, Invitation, Role, parse_email};
use gatehouse_store::audit::Action;
use gatehouse_store::control::{Change, Changed};
use gatehouse_types::InvitationId;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{ROLES, role};
use crate::account::sign_in::new_token;
use crate::auth::{Manager, Owner};
use crate::error::{ApiError, ErrorEnvelope, ErrorKind};
use crate::fields::{Fields, PathId};
use crate::replies::{Done, IdRefusals, Refusals};
use crate::request::Envelope;
use crate::state::ApiState;

/// How long an invitation may be accepted.
const LIFETIME: Duration = Duration::from_hours(7 * 24);
/// Most invitations of one organisation that were not accepted yet.
const MAX_INVITATIONS: usize = 200;

/// An invitation that was not accepted yet.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Invitation, example = json!({
    "id": "5b6a3a52-8ed6-4a3c-9cc1-8f2d6a1b7c10", "email": "grace@example.com", "role": "member",
    "created_at": "2026-11-22T14:06:00.123Z", "expires_at": "2026-11-29T14:06:00.123Z"
}))]
pub(crate) struct InvitationAnswer {
    id: Uuid,
    email: String,
    /// `viewer`, `member`, `admin` or `owner`.
    role: &'static str,
    created_at: String,
    expires_at: String,
}

/// An invitation that was just made.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CreatedInvitation, example = json!({
    "id": "5b6a3a52-8ed6-4a3c-9cc1-8f2d6a1b7c10", "email": "grace@example.com", "role": "member",
    "created_at": "2026-11-22T14:06:00.123Z", "expires_at": "2026-11-29T14:06:00.123Z",
    "path": "/invitation#9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
}))]
pub(crate) struct CreatedInvitation {
    id: Uuid,
    email: String,
    /// `viewer`, `member`, `admin` or `owner`.
    role: &'static str,
    created_at: String,
    expires_at: String,
    /// The link: shown this once. It begins with `sign_in.public_url`, or is a path of the dashboard if that is not set.
    path: String,
}

/// Who is invited.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"email": "grace@example.com", "role": "member"}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct InviteMember {
    email: String,
    /// `viewer`, `member`, `admin` or `owner`; `member` if it is not said.
    role: Option<String>,
}

impl From<Invitation> for InvitationAnswer {
    fn from(invitation: Invitation) -> Self {
        Self {
            id: invitation.id.as_uuid(),
            email: invitation.email,
            role: invitation.role.as_str(),
            created_at: invitation.created_at.to_string(),
            expires_at: invitation.expires_at.to_string(),
        }
    }
}

/// Lists the invitations that were not accepted yet, oldest first.
#[utoipa::path(
    get, path = "/v1/organization/invitations", operation_id = "listInvitations", tag = "Organization",
    responses((status = 200, description = "The invitations", body = Envelope<Vec<InvitationAnswer>>), Refusals)
)]
pub(crate) async fn list(
    manager: Manager,
    State(state): State<ApiState>,
) -> Result<Json<Envelope<Vec<InvitationAnswer>>>, ApiError> {
    let control = state.control()?;
    let now = control.now();
    let mut invitations = control.store().accounts().await?.invitations;
    invitations.retain(|found| found.organization_id == manager.organization_id && found.expires_at > now);
    Ok(Envelope::json(invitations.into_iter().map(InvitationAnswer::from).collect()))
}

/// Invites somebody, in the place of an earlier invitation to the same address. Nothing is sent: the link is for
/// whoever invites.
#[utoipa::path(
    post, path = "/v1/organization/invitations", operation_id = "createInvitation", tag = "Organization",
    request_body = InviteMember,
    responses(
        (status = 201, description = "The invitation, with its link, shown this once", body = Envelope<CreatedInvitation>),
        (status = 409, description = "They belong to the organisation, or there are too many", body = ErrorEnvelope),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        Refusals,
    )
)]
pub(crate) async fn create(
    owner: Owner,
    State(state): State<ApiState>,
    fields: Fields,
) -> Result<(StatusCode, Json<Envelope<CreatedInvitation>>), ApiError> {
    let expected = "an address such as ada@example.com";
    let email =
        fields.parsed("email", expected, parse_email)?.ok_or_else(|| ApiError::field("email", expected))?;
    let role = match fields.value("role") {
        Some(_) => role(&fields)?.ok_or_else(|| ApiError::field("role", ROLES))?,
        None => Role::Member,
    };
    let (control, organization_id) = (state.control()?, owner.organization_id);
    let _turn = control.take_turn().await;
    let accounts = control.store().accounts().await?;
    let member =
        accounts.user_by_email(&email).and_then(|user| accounts.membership(organization_id, user.id));
    if member.is_some() {
        let message = format!("{email} belongs to this organisation already");
        return Err(ApiError::new(ErrorKind::AlreadyExists, message));
    }
    let own = accounts.invitations.iter().filter(|found| found.organization_id == organization_id);
    if own.filter(|found| found.email != email).count() >= MAX_INVITATIONS {
        return Err(ApiError::too_many(MAX_INVITATIONS, "invitations"));
    }
    let (token, now) = (new_token()?, control.now());
    let invitation = Invitation {
        id: InvitationId::generate(),
        organization_id,
        email: email.clone(),
        role,
        hash: token.hash(),
        created_at: now,
        expires_at: now.plus(LIFETIME),
    };
    let (id, detail) = (invitation.id, format!("{email} as {}", role.as_str()));
    let audit = control.entry(organization_id, owner.actor, Action::InvitationCreated, id, detail);
    let change = AccountChange::AddInvitation(invitation.clone());
    control.change(Change::Account(Box::new(change)), audit).await?;
    let public = state.sign_in().and_then(|sign_in| sign_in.config.public_url.as_ref());
    let origin = public.map(|url| url.as_str()).unwrap_or_default();
    let InvitationAnswer { id, email, role, created_at, expires_at } = invitation.into();
    let path = format!("{origin}/invitation#{}", token.expose());
    let created = CreatedInvitation { id, email, role, created_at, expires_at, path };
    Ok((StatusCode::CREATED, Envelope::json(created)))
}

/// Takes an invitation back: its link is no longer good.
#[utoipa::path(
    delete, path = "/v1/organization/invitations/{id}", operation_id = "revokeInvitation", tag = "Organization",
    params(("id" = Uuid, Path, description = "The invitation's id")),
    responses((status = 200, description = "It is taken back", body = Done), IdRefusals)
)]
pub(crate) async fn revoke(
    owner: Owner,
    PathId(id): PathId,
    State(state): State<ApiState>,
) -> Result<Json<Done>, ApiError> {
    let (control, organization_id) = (state.control()?, owner.organization_id);
    let absent = || ApiError::new(ErrorKind::NotFound, format!("there is no invitation {id}"));
    let invitations = control.store().accounts().await?.invitations;
    let is_it = |found: &&Invitation| (found.id.as_uuid(), found.organization_id) == (id, organization_id);
    let email = invitations.iter().find(is_it).map(|found| found.email.clone()).ok_or_else(absent)?;
    let audit = control.entry(organization_id, owner.actor, Action::InvitationRevoked, id, email);
    let change = AccountChange::RemoveInvitation(organization_id, InvitationId::from_uuid(id));
    match control.change(Change::Account(Box::new(change)), audit).await? {
        Changed::Done => Ok(Done::json()),
        Changed::NotFound | Changed::Exists => Err(absent()),
    }
}
