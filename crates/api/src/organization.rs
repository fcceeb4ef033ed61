//! The organisation that a caller belongs to.

use axum::Json;
use axum::extract::State;
use gatehouse_store::accounts::{AccountChange, User};
use gatehouse_store::audit::{Action, Actor};
use gatehouse_store::control::{Change, Changed, ControlStore, Organization};
use gatehouse_types::OrganizationId;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::{Owner, Reader};
use crate::error::{ApiError, ErrorEnvelope, ErrorKind};
use crate::fields::Fields;
use crate::replies::Refusals;
use crate::request::Envelope;
use crate::state::ApiState;

/// Who is calling.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CallerOrganization, example = json!({
    "id": "0199f0a1-0000-7000-8000-000000000001", "name": "Default", "created_at": "2026-11-22T14:06:00.123Z",
    "is_admin": true, "permissions": "rw", "may_manage": true, "owns": true,
    "key": {"id": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff", "name": "production"}, "user": null, "role": null
}))]
pub(crate) struct CallerAnswer {
    id: Uuid,
    name: String,
    created_at: String,
    /// Whether the caller may decide for the whole installation.
    is_admin: bool,
    /// What the caller may do with what was logged: `rw` or `r`.
    permissions: &'static str,
    /// Whether the caller may manage keys, domains, rules, the vault and webhooks.
    may_manage: bool,
    /// Whether the caller may decide who belongs to the organisation.
    owns: bool,
    /// The key, where the caller has one.
    key: Option<CallerKey>,
    /// The person, where one is signed in.
    user: Option<CallerUser>,
    /// What the person may do: `viewer`, `member`, `admin` or `owner`.
    role: Option<&'static str>,
}

/// The key of a call.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CallerKey {
    id: Uuid,
    /// What its owner calls it.
    name: String,
}

/// The person who makes a call.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CallerUser {
    id: Uuid,
    name: String,
    email: String,
}

/// Another name.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"name": "Research"}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct ChangeOrganization {
    /// 1 to 200 characters, unlike any other organisation's.
    name: String,
}

/// An organisation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Organization, example = json!({
    "id": "0199f0a1-0000-7000-8000-000000000001", "name": "Research", "created_at": "2026-11-22T14:06:00.123Z"
}))]
pub(crate) struct OrganizationAnswer {
    id: Uuid,
    name: String,
    created_at: String,
}

impl From<Organization> for OrganizationAnswer {
    fn from(organization: Organization) -> Self {
        Self {
            id: organization.id.as_uuid(),
            name: organization.name,
            created_at: organization.created_at.to_string(),
        }
    }
}

/// Returns the organisation of the caller, and what the caller may do.
#[utoipa::path(
    get, path = "/v1/organization", operation_id = "getOrganization", tag = "Organization",
    responses((status = 200, description = "The organisation", body = Envelope<CallerAnswer>), Refusals)
)]
pub(crate) async fn read(
    reader: Reader,
    State(state): State<ApiState>,
) -> Result<Json<Envelope<CallerAnswer>>, ApiError> {
    let store = state.control()?.store();
    let organization = find(store, reader.organization_id).await?;
    let (mut key, mut user, mut role) = (None, None, None);
    match reader.caller.actor {
        Actor::User(id) => {
            let accounts = store.accounts().await?;
            role = accounts.membership(organization.id, id).map(|membership| membership.role.as_str());
            let answer = |found: &User| CallerUser {
                id: id.as_uuid(),
                name: found.name.clone(),
                email: found.email.clone(),
            };
            user = Some(accounts.user(id).map(answer).ok_or_else(unknown)?);
        }
        actor => {
            let keys = store.keys_of(organization.id).await?.into_iter();
            let found = keys.into_iter().find(|found| Actor::Key(found.id) == actor).ok_or_else(unknown)?;
            key = Some(CallerKey { id: found.id.as_uuid(), name: found.name });
        }
    }
    let caller = reader.caller;
    Ok(Envelope::json(CallerAnswer {
        id: organization.id.as_uuid(),
        name: organization.name,
        created_at: organization.created_at.to_string(),
        is_admin: caller.is_admin,
        permissions: caller.permissions.as_str(),
        may_manage: caller.may_manage,
        owns: caller.owns,
        key,
        user,
        role,
    }))
}

/// Gives the organisation another name.
#[utoipa::path(
    patch, path = "/v1/organization", operation_id = "changeOrganization", tag = "Organization",
    request_body = ChangeOrganization,
    responses(
        (status = 200, description = "The organisation", body = Envelope<OrganizationAnswer>),
        (status = 409, description = "Another one has that name", body = ErrorEnvelope),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        Refusals,
    )
)]
pub(crate) async fn rename(
    owner: Owner,
    State(state): State<ApiState>,
    fields: Fields,
) -> Result<Json<Envelope<OrganizationAnswer>>, ApiError> {
    let (name, id, control) = (fields.name("name")?, owner.organization_id, state.control()?);
    let before = find(control.store(), id).await?;
    let detail = format!("{} → {name}", before.name);
    let audit = control.entry(id, owner.actor, Action::OrganizationRenamed, id, detail);
    let change = AccountChange::RenameOrganization(id, name.clone());
    match control.change(Change::Account(Box::new(change)), audit).await? {
        Changed::Done => Ok(Envelope::json(Organization { name, ..before }.into())),
        Changed::NotFound | Changed::Exists => {
            let message = format!("there is an organisation `{name}` already");
            Err(ApiError::new(ErrorKind::AlreadyExists, message))
        }
    }
}

async fn find(store: &dyn ControlStore, id: OrganizationId) -> Result<Organization, ApiError> {
    let organizations = store.organizations().await?;
    organizations.into_iter().find(|found| found.id == id).ok_or_else(unknown)
}

fn unknown() -> ApiError {
    ApiError::new(ErrorKind::Internal, "the caller's organisation is not in the control store")
}
