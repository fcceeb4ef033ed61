//! `/v1/api-keys/provider-key`: the keys of providers that the organisation has put into the vault.

use axum::Json;
use axum::extract::State;
use gatehouse_store::audit::Action;
use gatehouse_store::control::{Change, Changed};
use gatehouse_store::vault::ProviderKey;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::answer::ProviderKeyAnswer;
use super::wanted::{Changes, PROVIDER_KEY, WantedKey};
use super::{no_key, own_key, own_keys};
use crate::auth::Manager;
use crate::error::{ApiError, ErrorEnvelope};
use crate::fields::{Fields, PathId};
use crate::replies::{IdRefusals, Refusals};
use crate::request::Envelope;
use crate::state::ApiState;

/// A provider's key that is to be stored.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase", example = json!({
    "providerName": "openai", "providerKeyName": "production", "providerKey": "sk-xxxxxxxxxxxx", "hosts": ["api.openai.com"]
}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct CreateProviderKey {
    /// The provider's name, in any spelling: `openai`, `ANTHROPIC`, `google-ai-studio`; or one of your own, with
    /// `hosts`.
    provider_name: String,
    /// What to call it; without one, as the provider.
    #[schema(required = false)]
    provider_key_name: Option<String>,
    /// The key: 1 to 16,384 characters that a header can carry. A Google service account's document is kept too, but
    /// not placed into calls.
    provider_key: String,
    /// The second secret that some providers want.
    #[schema(required = false)]
    provider_secret_key: Option<String>,
    /// The only hosts that the key is sent to, each with a port or without; without any, those of the provider.
    #[schema(required = false)]
    hosts: Option<Vec<String>>,
    /// What else the provider wants to know: nothing secret, it is shown again.
    #[schema(required = false, value_type = Object)]
    config: Option<Value>,
}

/// What is to be changed of a provider's key; what is left out stays.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase", example = json!({"providerKey": "sk-xxxxxxxxxxxx", "active": true}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct ChangeProviderKey {
    #[schema(required = false)]
    provider_key_name: Option<String>,
    /// The key that takes the place of the present one.
    #[schema(required = false)]
    provider_key: Option<String>,
    #[schema(required = false)]
    provider_secret_key: Option<String>,
    #[schema(required = false)]
    hosts: Option<Vec<String>>,
    #[schema(required = false, value_type = Object)]
    config: Option<Value>,
    /// Whether it is used.
    #[schema(required = false)]
    active: Option<bool>,
}

/// A provider's key that was stored.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"id": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"}))]
pub(crate) struct StoredProviderKey {
    pub(super) id: Uuid,
}

/// A provider's key that was changed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"id": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff", "providerName": "OPENAI"}))]
pub(crate) struct ChangedProviderKey {
    id: Uuid,
    provider_name: String,
}

/// A provider's key that was removed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"providerName": "OPENAI"}))]
pub(crate) struct RemovedProviderKey {
    provider_name: String,
}

/// Stores a provider's key, sealed; it can be used at once, by way of a proxy key.
#[utoipa::path(
    post, path = "/v1/api-keys/provider-key", operation_id = "createProviderKey", tag = "Vault",
    request_body = CreateProviderKey,
    responses(
        (status = 200, description = "It is stored", body = StoredProviderKey),
        (status = 409, description = "One too many", body = ErrorEnvelope),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        Refusals,
    )
)]
pub(crate) async fn create(
    manager: Manager,
    State(state): State<ApiState>,
    fields: Fields,
) -> Result<Json<StoredProviderKey>, ApiError> {
    let wanted = WantedKey::read(&fields, &PROVIDER_KEY, &state.administration()?.providers)?;
    Ok(Json(StoredProviderKey { id: wanted.store(&manager, state.control()?).await? }))
}

/// Lists the organisation's provider keys, newest first, without the keys themselves.
#[utoipa::path(
    get, path = "/v1/api-keys/provider-keys", operation_id = "listProviderKeys", tag = "Vault",
    responses((status = 200, description = "The keys", body = Vec<ProviderKeyAnswer>), Refusals)
)]
pub(crate) async fn list(
    manager: Manager,
    State(state): State<ApiState>,
) -> Result<Json<Vec<ProviderKeyAnswer>>, ApiError> {
    Ok(Json(all(&manager, &state).await?))
}

/// Returns one provider key; with `vault.reveal`, also the key itself, which is written to the audit log.
#[utoipa::path(
    get, path = "/v1/api-keys/provider-key/{id}", operation_id = "getProviderKey", tag = "Vault",
    params(("id" = Uuid, Path, description = "The provider key's id")),
    responses((status = 200, description = "The key", body = ProviderKeyAnswer), IdRefusals)
)]
pub(crate) async fn read(
    manager: Manager,
    PathId(id): PathId,
    State(state): State<ApiState>,
) -> Result<Json<ProviderKeyAnswer>, ApiError> {
    Ok(Json(one(&manager, id, &state).await?))
}

/// Changes a provider's key; its proxy keys stand for the new one at once.
#[utoipa::path(
    patch, path = "/v1/api-keys/provider-key/{id}", operation_id = "changeProviderKey", tag = "Vault",
    request_body = ChangeProviderKey,
    params(("id" = Uuid, Path, description = "The provider key's id")),
    responses(
        (status = 200, description = "It is changed", body = Envelope<ChangedProviderKey>),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        IdRefusals,
    )
)]
pub(crate) async fn change(
    manager: Manager,
    PathId(id): PathId,
    State(state): State<ApiState>,
    fields: Fields,
) -> Result<Json<Envelope<ChangedProviderKey>>, ApiError> {
    let changes = Changes::read(&fields, &PROVIDER_KEY)?;
    let table = &state.administration()?.providers;
    let key = changes.make(id, &manager, state.control()?, table).await?;
    Ok(Envelope::json(ChangedProviderKey { id, provider_name: key.provider }))
}

/// Removes a provider's key: its secrets are erased, and its proxy keys are refused from now on.
#[utoipa::path(
    delete, path = "/v1/api-keys/provider-key/{id}", operation_id = "removeProviderKey", tag = "Vault",
    params(("id" = Uuid, Path, description = "The provider key's id")),
    responses((status = 200, description = "It is removed", body = RemovedProviderKey), IdRefusals)
)]
pub(crate) async fn remove(
    manager: Manager,
    PathId(id): PathId,
    State(state): State<ApiState>,
) -> Result<Json<RemovedProviderKey>, ApiError> {
    let key = erase(&manager, id, &state).await?;
    Ok(Json(RemovedProviderKey { provider_name: key.provider }))
}

/// Returns all keys of the caller's organisation, newest first.
pub(super) async fn all(manager: &Manager, state: &ApiState) -> Result<Vec<ProviderKeyAnswer>, ApiError> {
    let keys = own_keys(state.control()?, manager.organization_id).await?;
    Ok(keys.into_iter().rev().map(ProviderKeyAnswer::from).collect())
}

/// Returns one key of the caller's organisation, with itself where the operator allows that.
pub(super) async fn one(
    manager: &Manager,
    id: Uuid,
    state: &ApiState,
) -> Result<ProviderKeyAnswer, ApiError> {
    let control = state.control()?;
    let key = own_key(control, manager.organization_id, id).await?;
    if !state.administration()?.reveals_provider_keys {
        return Ok(key.into());
    }
    let change = Change::RevealProviderKey(key.organization_id, key.id);
    let (actor, detail) = (manager.actor, told(&key));
    let audit = control.entry(key.organization_id, actor, Action::ProviderKeyRevealed, id, detail);
    let answer = ProviderKeyAnswer::revealed(key, &control.master_keys())?;
    // Written down first: what is not written is not shown.
    match control.change(change, audit).await? {
        Changed::Done => Ok(answer),
        Changed::NotFound | Changed::Exists => Err(no_key(id)),
    }
}

/// Removes a key of the caller's organisation.
pub(super) async fn erase(manager: &Manager, id: Uuid, state: &ApiState) -> Result<ProviderKey, ApiError> {
    let control = state.control()?;
    let key = own_key(control, manager.organization_id, id).await?;
    let change = Change::RevokeProviderKey(key.organization_id, key.id);
    let actor = manager.actor;
    let audit = control.entry(key.organization_id, actor, Action::ProviderKeyRevoked, id, told(&key));
    match control.change(change, audit).await? {
        Changed::Done => Ok(key),
        Changed::NotFound | Changed::Exists => Err(no_key(id)),
    }
}

fn told(key: &ProviderKey) -> String {
    format!("{}: {}", key.provider, key.name)
}
