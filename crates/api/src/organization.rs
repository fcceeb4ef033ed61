//! The organisation that a key belongs to.

use axum::Json;
use axum::extract::State;
use gatehouse_store::audit::Actor;
use gatehouse_store::control::Organization;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::Reader;
use crate::error::{ApiError, ErrorKind};
use crate::replies::Refusals;
use crate::request::Envelope;
use crate::state::ApiState;

/// Who is calling.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CallerOrganization, example = json!({
    "id": "0199f0a1-0000-7000-8000-000000000001", "name": "Default", "created_at": "2026-11-22T14:06:00.123Z",
    "is_admin": true, "permissions": "rw",
    "key": {"id": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff", "name": "production"}
}))]
pub(crate) struct CallerAnswer {
    id: Uuid,
    name: String,
    created_at: String,
    /// Whether the key is an administrator's.
    is_admin: bool,
    /// What the key may do: `rw` or `r`.
    permissions: &'static str,
    key: CallerKey,
}

/// The key of a call.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CallerKey {
    id: Uuid,
    /// What its owner calls it.
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

/// Returns the organisation of the key that makes the call, and what the key may do.
#[utoipa::path(
    get, path = "/v1/organization", operation_id = "getOrganization", tag = "Organization",
    responses((status = 200, description = "The organisation", body = Envelope<CallerAnswer>), Refusals)
)]
pub(crate) async fn read(
    reader: Reader,
    State(state): State<ApiState>,
) -> Result<Json<Envelope<CallerAnswer>>, ApiError> {
    let store = state.control()?.store();
    let organizations = store.organizations().await?;
    let organization = organizations.into_iter().find(|found| found.id == reader.organization_id);
    let keys = store.keys_of(reader.organization_id).await?.into_iter();
    let key = keys.into_iter().find(|found| Actor::Key(found.id) == reader.caller.actor);
    let (Some(organization), Some(key)) = (organization, key) else {
        return Err(ApiError::new(ErrorKind::Internal, "the key's organisation is not in the control store"));
    };
    Ok(Envelope::json(CallerAnswer {
        id: organization.id.as_uuid(),
        name: organization.name,
        created_at: organization.created_at.to_string(),
        is_admin: key.is_admin,
        permissions: key.permissions.as_str(),
        key: CallerKey { id: key.id.as_uuid(), name: key.name },
    }))
}
