//! `/v1/api-keys/proxy-key`: what applications use in the place of a provider's key. Shown once, when it is made.

use axum::Json;
use axum::extract::State;
use gatehouse_store::audit::Action;
use gatehouse_store::control::{Change, Changed};
use gatehouse_store::keys::{generate_proxy_key, hash_key};
use gatehouse_store::vault::{ProxyKey, ProxyKeyLimit};
use gatehouse_types::{OrganizationId, ProxyKeyId, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::limits::{self, LimitAnswer};
use super::own_key;
use crate::auth::Manager;
use crate::control::Control;
use crate::error::{ApiError, ErrorEnvelope, ErrorKind};
use crate::fields::{Fields, PathId};
use crate::replies::{Done, IdRefusals, Refusals};
use crate::request::Envelope;
use crate::state::ApiState;

/// How many proxy keys an organisation may have in force: every process keeps them in memory.
const MAX_USABLE_KEYS: usize = 10_000;
/// How many it may have with those that were revoked or expired.
const MAX_KEYS: usize = 50_000;

/// The proxy key that is wanted.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase", example = json!({
    "providerKeyId": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff", "proxyKeyName": "batch job",
    "limits": [{"window_seconds": 86400, "cost": "12.50"}], "expires_at": "2027-11-22T00:00:00Z"
}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct CreateProxyKey {
    /// The provider key that it is to stand for.
    provider_key_id: Uuid,
    /// What to call it: 1 to 200 characters.
    proxy_key_name: String,
    /// What may be used through it: up to 10 limits, each a window from 1 second to 365 days and one of `cost` (US
    /// dollars, a number or its text), `requests` (or `count`) and `tokens`; all of them hold.
    #[schema(required = false, value_type = Vec<Object>)]
    limits: Option<Vec<ProxyKeyLimit>>,
    /// From when on it is no longer accepted, as an ISO 8601 time in the future.
    #[schema(required = false, rename = "expires_at")]
    expires_at: Option<String>,
}

/// A proxy key that was just made.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "proxyKeyId": "0b1de6a5-0f5e-4f0e-8a53-6f4f3c4f0a11",
    "proxyKey": "sk-helicone-proxy-xxxxxxx-xxxxxxx-xxxxxxx-xxxxxxx-0b1de6a5-0f5e-4f0e-8a53-6f4f3c4f0a11"
}))]
pub(crate) struct CreatedProxyKey {
    proxy_key_id: Uuid,
    /// The key itself: it is shown this once.
    proxy_key: String,
}

/// A proxy key, without itself.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProxyKey, example = json!({
    "id": "0b1de6a5-0f5e-4f0e-8a53-6f4f3c4f0a11", "proxy_key_name": "batch job",
    "provider_key_id": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff", "limits": [], "soft_delete": false,
    "created_at": "2026-11-22T14:06:00.123Z", "expires_at": null, "revoked_at": null, "last_used_at": null
}))]
pub(crate) struct ProxyKeyAnswer {
    id: Uuid,
    /// What its owner calls it.
    proxy_key_name: String,
    /// The provider key that it stands for.
    provider_key_id: Uuid,
    /// What may be used through it; all of them hold.
    limits: Vec<LimitAnswer>,
    /// Whether it was revoked.
    soft_delete: bool,
    created_at: String,
    /// From when on it is no longer accepted.
    expires_at: Option<String>,
    revoked_at: Option<String>,
    /// When it was last used, to within a minute.
    last_used_at: Option<String>,
}

impl From<ProxyKey> for ProxyKeyAnswer {
    fn from(key: ProxyKey) -> Self {
        let text = |time: Timestamp| time.to_string();
        Self {
            id: key.id.as_uuid(),
            proxy_key_name: key.name,
            provider_key_id: key.provider_key_id.as_uuid(),
            limits: key.limits.iter().map(LimitAnswer::from).collect(),
            soft_delete: key.revoked_at.is_some(),
            created_at: text(key.created_at),
            expires_at: key.expires_at.map(text),
            revoked_at: key.revoked_at.map(text),
            last_used_at: key.last_used_at.map(text),
        }
    }
}

/// Makes a proxy key; it is accepted at once.
#[utoipa::path(
    post, path = "/v1/api-keys/proxy-key", operation_id = "createProxyKey", tag = "Vault",
    request_body = CreateProxyKey,
    responses(
        (status = 200, description = "The proxy key, shown this once", body = CreatedProxyKey),
        (status = 404, description = "The organisation has no such provider key", body = ErrorEnvelope),
        (status = 409, description = "One too many", body = ErrorEnvelope),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        Refusals,
    )
)]
pub(crate) async fn create(
    manager: Manager,
    State(state): State<ApiState>,
    fields: Fields,
) -> Result<Json<CreatedProxyKey>, ApiError> {
    let control = state.control()?;
    let wanted = Wanted::read(&fields, control)?;
    let id = ProxyKeyId::generate();
    let key = generate_proxy_key(id).map_err(|error| {
        tracing::error!(%error, "no proxy key could be made");
        ApiError::new(ErrorKind::Internal, "no proxy key could be made")
    })?;
    let organization_id = manager.organization_id;
    let _turn = control.take_turn().await;
    check_room(control, organization_id).await?;
    let behind = own_key(control, organization_id, wanted.provider_key_id).await?;
    let stored = ProxyKey {
        id,
        organization_id,
        provider_key_id: behind.id,
        name: wanted.name,
        hash: hash_key(key.expose().as_bytes()),
        limits: wanted.limits,
        created_at: control.now(),
        expires_at: wanted.expires_at,
        revoked_at: None,
        last_used_at: None,
    };
    let detail = format!("{} for {}: {}", stored.name, behind.provider, behind.name);
    let actor = manager.actor;
    let audit = control.entry(organization_id, actor, Action::ProxyKeyCreated, id, detail);
    match control.change(Change::AddProxyKey(stored), audit).await? {
        Changed::Done => {
            Ok(Json(CreatedProxyKey { proxy_key_id: id.as_uuid(), proxy_key: key.expose().clone() }))
        }
        Changed::NotFound | Changed::Exists => Err(super::no_key(wanted.provider_key_id)),
    }
}

/// Lists the organisation's proxy keys, newest first, those that were revoked too.
#[utoipa::path(
    get, path = "/v1/api-keys/proxy-keys", operation_id = "listProxyKeys", tag = "Vault",
    responses((status = 200, description = "The keys", body = Envelope<Vec<ProxyKeyAnswer>>), Refusals)
)]
pub(crate) async fn list(
    manager: Manager,
    State(state): State<ApiState>,
) -> Result<Json<Envelope<Vec<ProxyKeyAnswer>>>, ApiError> {
    let keys = own_proxy_keys(state.control()?, manager.organization_id).await?;
    Ok(Envelope::json(keys.into_iter().rev().map(ProxyKeyAnswer::from).collect()))
}

/// Revokes a proxy key; it is refused from now on.
#[utoipa::path(
    delete, path = "/v1/api-keys/proxy-key/{id}", operation_id = "revokeProxyKey", tag = "Vault",
    params(("id" = Uuid, Path, description = "The proxy key's id")),
    responses((status = 200, description = "It is revoked", body = Done), IdRefusals)
)]
pub(crate) async fn revoke(
    manager: Manager,
    PathId(id): PathId,
    State(state): State<ApiState>,
) -> Result<Json<Done>, ApiError> {
    let absent =
        || ApiError::new(ErrorKind::NotFound, format!("there is no proxy key {id}, or it was revoked"));
    let control = state.control()?;
    let organization_id = manager.organization_id;
    let keys = own_proxy_keys(control, organization_id).await?;
    let key = keys.into_iter().find(|key| key.id.as_uuid() == id).ok_or_else(absent)?;
    let actor = manager.actor;
    let audit = control.entry(organization_id, actor, Action::ProxyKeyRevoked, id, key.name);
    match control.change(Change::RevokeProxyKey(organization_id, key.id), audit).await? {
        Changed::Done => Ok(Done::json()),
        Changed::NotFound | Changed::Exists => Err(absent()),
    }
}

/// What was asked for.
struct Wanted {
    provider_key_id: Uuid,
    name: String,
    limits: Vec<ProxyKeyLimit>,
    expires_at: Option<Timestamp>,
}

impl Wanted {
    fn read(fields: &Fields, control: &Control) -> Result<Self, ApiError> {
        let now = control.now();
        let in_the_future = |text: &str| Timestamp::parse(text).filter(|end| *end > now);
        let id = fields.parsed("providerKeyId", "a UUID", |text| Uuid::try_parse(text).ok())?;
        Ok(Self {
            provider_key_id: id.ok_or_else(|| ApiError::field("providerKeyId", "a UUID"))?,
            name: fields.name("proxyKeyName")?,
            limits: limits::read(fields)?,
            expires_at: fields.parsed("expires_at", "an ISO 8601 time in the future", in_the_future)?,
        })
    }
}

async fn check_room(control: &Control, organization_id: OrganizationId) -> Result<(), ApiError> {
    let keys = own_proxy_keys(control, organization_id).await?;
    let now = control.now();
    let is_usable = |key: &&ProxyKey| key.revoked_at.is_none() && key.expires_at.is_none_or(|end| end > now);
    if keys.iter().filter(is_usable).count() < MAX_USABLE_KEYS && keys.len() < MAX_KEYS {
        return Ok(());
    }
    let message = format!(
        "an organisation may have {MAX_USABLE_KEYS} proxy keys, and {MAX_KEYS} with those that are over"
    );
    Err(ApiError::new(ErrorKind::LimitReached, message))
}

/// Returns an organisation's proxy keys, oldest first.
async fn own_proxy_keys(
    control: &Control,
    organization_id: OrganizationId,
) -> Result<Vec<ProxyKey>, ApiError> {
    let mut keys = control.store().proxy_keys().await?;
    keys.retain(|key| key.organization_id == organization_id);
    Ok(keys)
}
