//! `/v1/vault`: the same provider keys under Helicone's older routes.

use axum::Json;
use axum::extract::State;
use utoipa::ToSchema;

use super::answer::ProviderKeyAnswer;
use super::provider_keys::{StoredProviderKey, all, erase, one};
use super::wanted::{Changes, VAULT, WantedKey};
use crate::auth::Manager;
use crate::error::{ApiError, ErrorEnvelope};
use crate::fields::{Fields, PathId};
use crate::replies::{Done, IdRefusals, Refusals};
use crate::request::Envelope;
use crate::state::ApiState;

/// A provider's key that is to be stored; `hosts`, `config` and `providerSecretKey` are taken as by
/// `POST /v1/api-keys/provider-key`.
#[derive(ToSchema)]
#[schema(example = json!({"key": "sk-xxxxxxxxxxxx", "provider": "openai", "name": "production"}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct AddVaultKey {
    /// The key.
    key: String,
    /// The provider's name, in any spelling; or one of your own, with `hosts`.
    provider: String,
    /// What to call it; without one, as the provider.
    #[schema(required = false)]
    name: Option<String>,
    /// The only hosts that the key is sent to; without any, those of the provider.
    #[schema(required = false)]
    hosts: Option<Vec<String>>,
}

/// What is to be changed of a provider's key; what is left out stays.
#[derive(ToSchema)]
#[schema(example = json!({"name": "staging", "active": false}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct UpdateVaultKey {
    /// The key that takes the place of the present one.
    #[schema(required = false)]
    key: Option<String>,
    #[schema(required = false)]
    name: Option<String>,
    /// Whether it is used.
    #[schema(required = false)]
    active: Option<bool>,
    #[schema(required = false)]
    hosts: Option<Vec<String>>,
}

/// Stores a provider's key, sealed.
#[utoipa::path(
    post, path = "/v1/vault/add", operation_id = "addVaultKey", tag = "Vault", request_body = AddVaultKey,
    responses(
        (status = 200, description = "It is stored", body = Envelope<StoredProviderKey>),
        (status = 409, description = "One too many", body = ErrorEnvelope),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        Refusals,
    )
)]
pub(crate) async fn add(
    manager: Manager,
    State(state): State<ApiState>,
    fields: Fields,
) -> Result<Json<Envelope<StoredProviderKey>>, ApiError> {
    let wanted = WantedKey::read(&fields, &VAULT, &state.administration()?.providers)?;
    Ok(Envelope::json(StoredProviderKey { id: wanted.store(&manager, state.control()?).await? }))
}

/// Lists the organisation's provider keys, newest first, without the keys themselves.
#[utoipa::path(
    get, path = "/v1/vault/keys", operation_id = "listVaultKeys", tag = "Vault",
    responses((status = 200, description = "The keys", body = Envelope<Vec<ProviderKeyAnswer>>), Refusals)
)]
pub(crate) async fn keys(
    manager: Manager,
    State(state): State<ApiState>,
) -> Result<Json<Envelope<Vec<ProviderKeyAnswer>>>, ApiError> {
    Ok(Envelope::json(all(&manager, &state).await?))
}

/// Returns one provider key; with `vault.reveal`, also the key itself, which is written to the audit log.
#[utoipa::path(
    get, path = "/v1/vault/key/{id}", operation_id = "getVaultKey", tag = "Vault",
    params(("id" = Uuid, Path, description = "The provider key's id")),
    responses((status = 200, description = "The key", body = Envelope<ProviderKeyAnswer>), IdRefusals)
)]
pub(crate) async fn key(
    manager: Manager,
    PathId(id): PathId,
    State(state): State<ApiState>,
) -> Result<Json<Envelope<ProviderKeyAnswer>>, ApiError> {
    Ok(Envelope::json(one(&manager, id, &state).await?))
}

/// Changes a provider's key; its proxy keys stand for the new one at once.
#[utoipa::path(
    patch, path = "/v1/vault/update/{id}", operation_id = "updateVaultKey", tag = "Vault",
    request_body = UpdateVaultKey,
    params(("id" = Uuid, Path, description = "The provider key's id")),
    responses(
        (status = 200, description = "It is changed", body = Done),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        IdRefusals,
    )
)]
pub(crate) async fn update(
    manager: Manager,
    PathId(id): PathId,
    State(state): State<ApiState>,
    fields: Fields,
) -> Result<Json<Done>, ApiError> {
    let changes = Changes::read(&fields, &VAULT)?;
    changes.make(id, &manager, state.control()?, &state.administration()?.providers).await?;
    Ok(Done::json())
}

/// Removes a provider's key: its secrets are erased, and its proxy keys are refused from now on.
#[utoipa::path(
    delete, path = "/v1/vault/{id}", operation_id = "removeVaultKey", tag = "Vault",
    params(("id" = Uuid, Path, description = "The provider key's id")),
    responses((status = 200, description = "It is removed", body = Done), IdRefusals)
)]
pub(crate) async fn remove(
    manager: Manager,
    PathId(id): PathId,
    State(state): State<ApiState>,
) -> Result<Json<Done>, ApiError> {
    erase(&manager, id, &state).await?;
    Ok(Done::json())
}
