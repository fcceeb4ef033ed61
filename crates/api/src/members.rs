//! Who belongs to an organisation.

pub(crate) mod invitations;

use axum::Json;
use axum::extract::State;
use gatehouse_store::accounts::{AccountChange, Accounts, Membership, Role};
use gatehouse_store::audit::Action;
use gatehouse_store::control::{Change, Changed};
use gatehouse_types::{OrganizationId, UserId};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::{Manager, Owner};
use crate::control::Control;
use crate::error::{ApiError, ErrorEnvelope, ErrorKind};
use crate::fields::{Fields, PathId};
use crate::replies::{Done, IdRefusals, Refusals};
use crate::request::Envelope;
use crate::state::ApiState;

/// What a role must be, for errors.
const ROLES: &str = "`viewer`, `member`, `admin` or `owner`";

/// Somebody who belongs to the organisation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Member, example = json!({
    "id": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff", "email": "ada@example.com", "name": "Ada Lovelace",
    "role": "owner", "since": "2026-11-22T14:06:00.123Z", "last_seen_at": "2026-11-22T15:06:00.123Z"
}))]
pub(crate) struct MemberAnswer {
    id: Uuid,
    email: String,
    name: String,
    /// `viewer`, `member`, `admin` or `owner`.
    role: &'static str,
    since: String,
    /// When they last worked in this organisation, to within a minute; null while they are signed in nowhere.
    last_seen_at: Option<String>,
}

/// Another role.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"role": "admin"}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct ChangeMember {
    /// `viewer`, `member`, `admin` or `owner`.
    role: String,
}

/// Lists who belongs to the organisation, the oldest member first.
#[utoipa::path(
    get, path = "/v1/organization/members", operation_id = "listMembers", tag = "Organization",
    responses((status = 200, description = "The members", body = Envelope<Vec<MemberAnswer>>), Refusals)
)]
pub(crate) async fn list(
    manager: Manager,
    State(state): State<ApiState>,
) -> Result<Json<Envelope<Vec<MemberAnswer>>>, ApiError> {
    let accounts = state.control()?.store().accounts().await?;
    let own = accounts.memberships.iter().filter(|found| found.organization_id == manager.organization_id);
    Ok(Envelope::json(own.filter_map(|membership| answer(&accounts, membership)).collect()))
}

/// Gives a member another role; their sessions in the organisation end.
#[utoipa::path(
    patch, path = "/v1/organization/members/{id}", operation_id = "changeMember", tag = "Organization",
    request_body = ChangeMember, params(("id" = Uuid, Path, description = "The person's id")),
    responses(
        (status = 200, description = "The member", body = Envelope<MemberAnswer>),
        (status = 409, description = "They are the last owner", body = ErrorEnvelope),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        IdRefusals,
    )
)]
pub(crate) async fn change(
    owner: Owner,
    PathId(id): PathId,
    State(state): State<ApiState>,
    fields: Fields,
) -> Result<Json<Envelope<MemberAnswer>>, ApiError> {
    let role = role(&fields)?.ok_or_else(|| ApiError::field("role", ROLES))?;
    let control = state.control()?;
    let _turn = control.take_turn().await;
    let accounts = control.store().accounts().await?;
    let membership = find(&accounts, owner.organization_id, id)?;
    if role != Role::Owner {
        keep_an_owner(&accounts, &membership)?;
    }
    let user_id = membership.user_id;
    let email = accounts.user(user_id).map(|user| user.email.clone()).unwrap_or_default();
    let detail = format!("{email}: {} → {}", membership.role.as_str(), role.as_str());
    let audit = control.entry(owner.organization_id, owner.actor, Action::MemberRoleChanged, id, detail);
    make(control, AccountChange::SetRole(owner.organization_id, user_id, role), audit, id).await?;
    let changed = Membership { role, ..membership };
    answer(&accounts, &changed).map(Envelope::json).ok_or_else(|| absent(id))
}

/// Removes a member from the organisation; their sessions in it end.
#[utoipa::path(
    delete, path = "/v1/organization/members/{id}", operation_id = "removeMember", tag = "Organization",
    params(("id" = Uuid, Path, description = "The person's id")),
    responses(
        (status = 200, description = "They no longer belong to it", body = Done),
        (status = 409, description = "They are the last owner", body = ErrorEnvelope),
        IdRefusals,
    )
)]
pub(crate) async fn remove(
    owner: Owner,
    PathId(id): PathId,
    State(state): State<ApiState>,
) -> Result<Json<Done>, ApiError> {
    let control = state.control()?;
    let _turn = control.take_turn().await;
    let accounts = control.store().accounts().await?;
    let membership = find(&accounts, owner.organization_id, id)?;
    keep_an_owner(&accounts, &membership)?;
    let email = accounts.user(membership.user_id).map(|user| user.email.clone()).unwrap_or_default();
    let audit = control.entry(owner.organization_id, owner.actor, Action::MemberRemoved, id, email);
    make(control, AccountChange::RemoveMember(owner.organization_id, membership.user_id), audit, id).await?;
    Ok(Done::json())
}

async fn make(
    control: &Control,
    change: AccountChange,
    audit: gatehouse_store::audit::AuditEntry,
    id: Uuid,
) -> Result<(), ApiError> {
    match control.change(Change::Account(Box::new(change)), audit).await? {
        Changed::Done => Ok(()),
        // Another process was faster: they left, or became the last owner.
        Changed::NotFound | Changed::Exists => Err(absent(id)),
    }
}

/// Refuses to leave an organisation without an owner.
fn keep_an_owner(accounts: &Accounts, membership: &Membership) -> Result<(), ApiError> {
    let is_owner = |found: &&Membership| {
        found.organization_id == membership.organization_id && found.role == Role::Owner
    };
    let mut others =
        accounts.memberships.iter().filter(is_owner).filter(|found| found.user_id != membership.user_id);
    if membership.role != Role::Owner || others.next().is_some() {
        return Ok(());
    }
    let message = "this is the last owner of the organisation: make somebody else an owner first";
    Err(ApiError::new(ErrorKind::LastOwner, message))
}

fn find(accounts: &Accounts, organization_id: OrganizationId, id: Uuid) -> Result<Membership, ApiError> {
    accounts.membership(organization_id, UserId::from_uuid(id)).copied().ok_or_else(|| absent(id))
}

fn absent(id: Uuid) -> ApiError {
    ApiError::new(ErrorKind::NotFound, format!("nobody with the id {id} belongs to this organisation"))
}

fn answer(accounts: &Accounts, membership: &Membership) -> Option<MemberAnswer> {
    let user = accounts.user(membership.user_id)?;
    let here = |session: &&gatehouse_store::accounts::StoredSession| {
        (session.user_id, session.organization_id) == (membership.user_id, membership.organization_id)
    };
    let seen = accounts.sessions.iter().filter(here).map(|session| session.last_used_at).max();
    Some(MemberAnswer {
        id: user.id.as_uuid(),
        email: user.email.clone(),
        name: user.name.clone(),
        role: membership.role.as_str(),
        since: membership.created_at.to_string(),
        last_seen_at: seen.map(|seen| seen.to_string()),
    })
}

/// Returns the role in a body, if there is one.
fn role(fields: &Fields) -> Result<Option<Role>, ApiError> {
    fields.parsed("role", ROLES, Role::parse)
}
