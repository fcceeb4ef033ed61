//! The vault: an organisation's keys of providers, and the proxy keys that stand in their place.
//!
//! A provider's key is sealed before it is stored, bound to hosts, and shown again only where the operator allows it.

mod answer;
mod binding;
pub(crate) mod legacy;
mod limits;
pub(crate) mod provider_keys;
pub(crate) mod proxy_keys;
mod secret;
mod wanted;

use gatehouse_store::vault::ProviderKey;
use gatehouse_types::OrganizationId;
use uuid::Uuid;

use crate::control::Control;
use crate::error::{ApiError, ErrorKind};

/// Returns an organisation's provider keys that were not removed, oldest first.
async fn own_keys(control: &Control, organization_id: OrganizationId) -> Result<Vec<ProviderKey>, ApiError> {
    let mut keys = control.store().provider_keys().await?;
    keys.retain(|key| key.organization_id == organization_id && key.revoked_at.is_none());
    Ok(keys)
}

async fn own_key(
    control: &Control,
    organization_id: OrganizationId,
    id: Uuid,
) -> Result<ProviderKey, ApiError> {
    let keys = own_keys(control, organization_id).await?;
    keys.into_iter().find(|key| key.id.as_uuid() == id).ok_or_else(|| no_key(id))
}

fn no_key(id: Uuid) -> ApiError {
    ApiError::new(ErrorKind::NotFound, format!("there is no provider key {id}, or it was removed"))
}
